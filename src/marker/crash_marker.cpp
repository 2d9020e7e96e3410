// SPDX-License-Identifier: Apache-2.0
#include "marker/crash_marker.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "marker/deaths.h"

namespace skillet {
namespace {

using Word = std::atomic_ref<uint32_t>;

// The slot this thread's call into the engine is noted in; null outside.
thread_local MarkerSlot *current = nullptr;

// Where this thread looks for a free slot first: threads spread, so that they rarely meet.
uint32_t &favourite() {
    static std::atomic<uint32_t> next{0};
    thread_local uint32_t place = next.fetch_add(1, std::memory_order_relaxed) % marker_slots;
    return place;
}

MarkerSlot *claim(MarkerImage &image) {
    uint32_t &place = favourite();
    for (uint32_t tried = 0; tried < marker_slots; ++tried) {
        MarkerSlot &slot = image.slots[place];
        uint32_t free = 0;
        if (Word(slot.owned).compare_exchange_strong(free, 1, std::memory_order_acquire)) {
            return &slot;
        }
        place = (place + 1) % marker_slots;
    }
    return nullptr;
}

template <size_t size>
void copy_text(char (&to)[size], std::string_view text) {
    std::copy_n(text.data(), std::min(size, text.size()), to);
}

}  // namespace

CrashMarker::CrashMarker(OwnedFile file)
    : file_(std::move(file)), image_(static_cast<MarkerImage *>(file_.image())) {}

Result<std::unique_ptr<CrashMarker>> CrashMarker::create(const std::string &directory,
                                                         std::string_view started_at) {
    SKL_TRY_ASSIGN(file, OwnedFile::create(directory, sizeof(MarkerImage)));
    std::unique_ptr<CrashMarker> marker(new CrashMarker(std::move(file)));
    MarkerHeader &header = marker->image_->header;
    copy_text(header.started_at, started_at);
    copy_text(header.boot_id, boot_id());
    // Nobody reads it before this process is dead: only the compiler must keep the order.
    std::atomic_signal_fence(std::memory_order_release);
    std::copy(std::begin(marker_magic), std::end(marker_magic), header.magic);
    return marker;
}

CrashMarker::Mark::Mark(CrashMarker &marker, const Digest &package, Spot spot)
    : slot_(claim(*marker.image_)), before_(current) {
    if (slot_ == nullptr) return;
    slot_->message_bytes = 0;
    std::memcpy(slot_->package, package.bytes().data(), Digest::size_bytes);
    Word(slot_->spot).store(static_cast<uint32_t>(spot), std::memory_order_release);
    current = slot_;
}

CrashMarker::Mark::~Mark() {
    if (slot_ == nullptr) return;
    current = before_;
    Word(slot_->spot).store(0, std::memory_order_release);
    Word(slot_->owned).store(0, std::memory_order_release);
}

void CrashMarker::note_abort(const char *message) noexcept {
    if (current == nullptr) return;
    const size_t bytes = std::min(std::strlen(message), sizeof current->message);
    std::memcpy(current->message, message, bytes);
    Word(current->message_bytes).store(static_cast<uint32_t>(bytes), std::memory_order_release);
}

}  // namespace skillet
