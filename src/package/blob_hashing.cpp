// SPDX-License-Identifier: Apache-2.0
#include "package/blob_hashing.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <numeric>
#include <thread>
#include <utility>

#include "base/crew.h"

namespace skillet {
namespace {

// Below this a thread costs more than it saves.
constexpr uint64_t worthwhile_bytes = 1u << 20;

// How often the calling thread is woken to report.
constexpr uint64_t report_bytes = 8u << 20;

// Without a second thread that reads ahead: here every core has a blob of its own to hash.
Result<Digest> hash_alone(const FileSlice &bytes, Phase &phase) {
    constexpr uint64_t chunk_bytes = 128 * 1024;
    std::vector<std::byte> buffer(std::min(chunk_bytes, bytes.size()));
    Sha256 hash;
    for (uint64_t offset = 0; offset < bytes.size(); offset += buffer.size()) {
        const uint64_t left = bytes.size() - offset;
        const auto part = std::span(buffer).first(std::min<uint64_t>(buffer.size(), left));
        SKL_TRY(bytes.read_at(offset, part));
        hash.update(part);
        SKL_TRY(phase.advance(part.size()));
    }
    return hash.finish();
}

Result<void> check_alone(const BlobSource &source, const Descriptor &blob, Phase &phase) {
    SKL_TRY_ASSIGN(bytes, source.open(blob.digest));
    SKL_TRY(check_size(blob, bytes.size()));
    SKL_TRY_ASSIGN(found, hash_alone(bytes, phase));
    return check_digest(blob.digest, found);
}

Result<void> check_blob(const BlobSource &source, const Descriptor &blob, Phase &phase) {
    SKL_TRY(open_verified(source, blob, phase));
    return {};
}

unsigned useful_threads(std::span<const Descriptor> blobs, unsigned threads_max) {
    const auto large = std::count_if(blobs.begin(), blobs.end(), [](const Descriptor &blob) {
        return blob.size >= worthwhile_bytes;
    });
    const unsigned most = threads_max != 0 ? threads_max : std::thread::hardware_concurrency();
    return static_cast<unsigned>(std::min<size_t>(most, static_cast<size_t>(large)));
}

// Several threads take the next blob, largest first, until none is left.
class ParallelHashing {
public:
    ParallelHashing(const BlobSource &source, std::span<const Descriptor> blobs, const Work &work)
        : source_(source),
          blobs_(blobs),
          work_(work),
          order_(blobs.size()),
          outcomes_(blobs.size()) {
        std::iota(order_.begin(), order_.end(), size_t{0});
        std::stable_sort(order_.begin(), order_.end(),
                         [&](size_t a, size_t b) { return blobs[a].size > blobs[b].size; });
    }

    std::vector<Result<void>> run(unsigned threads, Phase &phase) {
        crew_.run(
            threads, [this] { work_off(); }, phase);
        return std::move(outcomes_);
    }

private:
    void work_off() {
        for (size_t taken = next_++; taken < order_.size(); taken = next_++) {
            const size_t index = order_[taken];
            try {
                Phase counted(Work{work_.stop,
                                   [this, before = uint64_t{0}](const char *, uint64_t done,
                                                                uint64_t) mutable {
                                       crew_.count(done - std::exchange(before, done));
                                   }},
                              "", blobs_[index].size);
                outcomes_[index] = check_alone(source_, blobs_[index], counted);
            } catch (const std::bad_alloc &) {
                outcomes_[index] = Error{SKL_E_OUT_OF_MEMORY, "out of memory", {}, {}, {}, {}};
            }
        }
    }

    const BlobSource &source_;
    const std::span<const Descriptor> blobs_;
    const Work &work_;
    std::vector<size_t> order_;
    std::vector<Result<void>> outcomes_;  // each written by the thread that took the blob
    std::atomic<size_t> next_{0};         // into order_
    Crew crew_{report_bytes};
};

}  // namespace

std::vector<Result<void>> check_blobs(const BlobSource &source, std::span<const Descriptor> blobs,
                                      const Work &work, unsigned threads_max) {
    const uint64_t total =
        std::accumulate(blobs.begin(), blobs.end(), uint64_t{0},
                        [](uint64_t sum, const Descriptor &blob) { return sum + blob.size; });
    Phase phase(work, "verify", total);
    const unsigned threads = useful_threads(blobs, threads_max);
    if (threads > 1) return ParallelHashing(source, blobs, work).run(threads, phase);
    std::vector<Result<void>> outcomes;
    outcomes.reserve(blobs.size());
    for (const Descriptor &blob : blobs) {
        outcomes.push_back(check_blob(source, blob, phase));
    }
    return outcomes;
}

}  // namespace skillet
