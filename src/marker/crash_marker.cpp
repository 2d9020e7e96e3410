// SPDX-License-Identifier: Apache-2.0
#include "marker/crash_marker.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/file_system.h"
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

// A new file that this process has locked; another may have taken it for a dead one's before.
Result<UniqueFd> create_locked(const std::string &path) {
    for (;;) {
        UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.valid()) return os_error(errno, "cannot create", path);
        if (::flock(file.get(), LOCK_EX) != 0) {
            const int cause = errno;
            ::unlink(path.c_str());
            return os_error(cause, "cannot lock", path);
        }
        struct stat status {};
        if (::fstat(file.get(), &status) == 0 && status.st_nlink > 0) return file;
    }
}

Result<MarkerImage *> map_image(const UniqueFd &file, const std::string &path) {
    // Blocks for all of it now: storing into a hole of a full disk is a signal.
    if (const int cause = ::posix_fallocate(file.get(), 0, sizeof(MarkerImage)); cause != 0) {
        return os_error(cause, "cannot reserve space for", path);
    }
    void *const mapping =
        ::mmap(nullptr, sizeof(MarkerImage), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapping == MAP_FAILED) return os_error(errno, "cannot map", path);
    return static_cast<MarkerImage *>(mapping);
}

template <size_t size>
void copy_text(char (&to)[size], std::string_view text) {
    std::copy_n(text.data(), std::min(size, text.size()), to);
}

}  // namespace

CrashMarker::CrashMarker(UniqueFd file, std::string path, MarkerImage *image)
    : file_(std::move(file)), path_(std::move(path)), image_(image), owner_(::getpid()) {}

Result<std::unique_ptr<CrashMarker>> CrashMarker::create(const std::string &directory,
                                                         std::string_view started_at) {
    const std::string path = directory + "/" + unique_name();
    SKL_TRY_ASSIGN(file, create_locked(path));
    auto image = map_image(file, path);
    if (!image) {
        ::unlink(path.c_str());
        return std::move(image).error();
    }
    MarkerHeader &header = (*image)->header;
    copy_text(header.started_at, started_at);
    copy_text(header.boot_id, boot_id());
    // Nobody reads it before this process is dead: only the compiler must keep the order.
    std::atomic_signal_fence(std::memory_order_release);
    std::copy(std::begin(marker_magic), std::end(marker_magic), header.magic);
    return std::unique_ptr<CrashMarker>(new CrashMarker(std::move(file), path, *image));
}

CrashMarker::~CrashMarker() {
    // A forked child's copy of this object is not what owns the file.
    if (::getpid() == owner_) ::unlink(path_.c_str());
    ::munmap(image_, sizeof(MarkerImage));
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
