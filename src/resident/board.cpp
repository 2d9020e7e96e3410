// SPDX-License-Identifier: Apache-2.0
#include "resident/board.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <tuple>

#include <fmt/format.h>

#include "base/file_system.h"

namespace skillet {
namespace {

using Word = std::atomic_ref<uint32_t>;
using std::chrono::system_clock;

template <size_t size>
void copy_text(char (&to)[size], std::string_view text) {
    std::memset(to, 0, size);
    std::memcpy(to, text.data(), std::min(size, text.size()));
}

int64_t milliseconds_of(system_clock::time_point at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

// What was written by somebody else, fit for a JSON document and a terminal.
template <size_t size>
std::string read_text(const char (&bytes)[size]) {
    std::string text(bytes, ::strnlen(bytes, size));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

// Counts of bytes and uses stay far below; what is beyond, no document could hold.
uint64_t read_count(uint64_t value) {
    return std::min<uint64_t>(value, std::numeric_limits<int64_t>::max());
}

double read_number(double value) { return std::isfinite(value) ? value : 0; }

BoardRow row_of(const ResidentStatus &status) {
    BoardRow row{};
    std::memcpy(row.digest, status.key.bytes().data(), sizeof row.digest);
    copy_text(row.id, status.id);
    copy_text(row.version, status.version);
    row.residency = static_cast<uint32_t>(status.residency);
    row.leases = status.leases;
    row.contexts = status.contexts;
    row.pinned = status.keeping.pinned ? 1 : 0;
    row.priority = status.keeping.priority;
    row.uses = status.uses;
    row.used_at_ms = milliseconds_of(status.used_at);
    row.reserved_bytes = status.reserved_bytes;
    row.predicted_bytes = status.predicted_bytes;
    row.measured_bytes = status.measured_bytes.value_or(0);
    row.load_ms = status.load_ms;
    row.resume_ms = status.resume_ms;
    row.chance = status.worth.chance;
    row.cost_bytes = status.worth.cost.bytes;
    row.cost_ms = status.worth.cost.reload_ms;
    row.worth = status.worth.value;
    return row;
}

ResidentStatus status_of(const BoardRow &row) {
    ResidentStatus status;
    Digest::Bytes digest{};
    std::copy(std::begin(row.digest), std::end(row.digest), digest.begin());
    status.key = Digest(digest);
    status.id = read_text(row.id);
    status.version = read_text(row.version);
    status.residency = static_cast<Residency>(std::min(row.residency, residency_max));
    // Leases change without the row being written anew.
    if (status.residency == Residency::resident || status.residency == Residency::active) {
        status.residency = row.leases > 0 ? Residency::active : Residency::resident;
    }
    status.leases = row.leases;
    status.contexts = row.contexts;
    status.keeping = {row.pinned != 0, row.priority};
    status.uses = read_count(row.uses);
    const int64_t latest = milliseconds_of(system_clock::time_point::max());
    status.used_at = system_clock::time_point(
        std::chrono::milliseconds(std::clamp<int64_t>(row.used_at_ms, 0, latest)));
    status.reserved_bytes = read_count(row.reserved_bytes);
    status.predicted_bytes = read_count(row.predicted_bytes);
    if (row.measured_bytes > 0) status.measured_bytes = read_count(row.measured_bytes);
    status.load_ms = read_number(row.load_ms);
    status.resume_ms = read_number(row.resume_ms);
    status.worth.chance = read_number(row.chance);
    status.worth.cost = {read_count(row.cost_bytes), read_number(row.cost_ms)};
    status.worth.value = read_number(row.worth);
    return status;
}

void write_header(BoardHeader &header, const ResidencyReport &report) {
    header.rows = static_cast<uint32_t>(std::min<size_t>(report.modules.size(), board_rows));
    header.unlisted = static_cast<uint32_t>(report.modules.size() - header.rows);
    header.budget_bytes = report.budget_bytes;
    header.reserved_bytes = report.reserved_bytes;
    header.parked_bytes = report.parked_bytes;
    header.hits = report.counters.hits;
    header.resumes = report.counters.resumes;
    header.loads = report.counters.loads;
    header.evictions = report.counters.evictions;
    header.parkings = report.counters.parkings;
    header.failures = report.counters.failures;
    header.load_ms = report.counters.load_ms;
    copy_text(header.eviction, name_of(report.rule));
}

Error damaged(const std::string &name, std::string_view what) {
    return make_error(SKL_E_STORE_CORRUPT, fmt::format("not a board file: {}", what), name);
}

// The bytes as they were at one moment; of a writer that never rests, as they are.
std::string read_settled(const UniqueFd &file) {
    constexpr int tries = 64;
    std::string bytes;
    for (int i = 0; i < tries; ++i) {
        uint32_t before = 0;
        uint32_t after = 0;
        constexpr off_t at = offsetof(BoardHeader, sequence);
        if (::pread(file.get(), &before, sizeof before, at) != sizeof before) return {};
        bytes = read_bytes(file, sizeof(BoardImage));
        if (::pread(file.get(), &after, sizeof after, at) != sizeof after) return {};
        if (before == after && before % 2 == 0) break;
    }
    return bytes;
}

}  // namespace

// Readers that see the same even number before and after have seen nothing half written.
class Board::Writing {
public:
    explicit Writing(BoardImage &image) : sequence_(image.header.sequence) {
        sequence_.fetch_add(1, std::memory_order_acq_rel);
    }
    ~Writing() { sequence_.fetch_add(1, std::memory_order_release); }
    Writing(const Writing &) = delete;
    Writing &operator=(const Writing &) = delete;

private:
    Word sequence_;
};

Board::Board(OwnedFile file)
    : file_(std::move(file)), image_(static_cast<BoardImage *>(file_.image())) {}

Result<std::unique_ptr<Board>> Board::create(const std::string &directory,
                                             std::string_view started_at) {
    SKL_TRY_ASSIGN(file, OwnedFile::create(directory, sizeof(BoardImage)));
    std::unique_ptr<Board> board(new Board(std::move(file)));
    const Writing writing(*board->image_);
    BoardHeader &header = board->image_->header;
    copy_text(header.started_at, started_at);
    header.pid = static_cast<uint32_t>(::getpid());
    std::copy(std::begin(board_magic), std::end(board_magic), header.magic);
    return board;
}

void Board::write(const ResidencyReport &report) {
    const Writing writing(*image_);
    write_header(image_->header, report);
    for (uint32_t i = 0; i < image_->header.rows; ++i) image_->rows[i] = row_of(report.modules[i]);
}

void Board::note_use(size_t row, const Use &use) {
    // Each by itself makes sense: no reader has to wait.
    const auto store = [](auto &to, auto value) {
        std::atomic_ref(to).store(value, std::memory_order_relaxed);
    };
    store(image_->header.hits, use.hits);
    if (row >= board_rows) return;
    BoardRow &of = image_->rows[row];
    store(of.leases, use.leases);
    store(of.uses, use.uses);
    store(of.used_at_ms, milliseconds_of(use.used_at));
    store(of.chance, use.worth.chance);
    store(of.worth, use.worth.value);
}

Result<BoardReading> read_board(std::string name, std::string_view bytes) {
    if (bytes.size() != sizeof(BoardImage)) return damaged(name, "wrong size");
    const auto image = std::make_unique<BoardImage>();
    std::memcpy(image.get(), bytes.data(), sizeof *image);
    const BoardHeader &header = image->header;
    if (!std::equal(std::begin(board_magic), std::end(board_magic), header.magic)) {
        return damaged(name, "wrong start");
    }
    BoardReading reading;
    reading.name = std::move(name);
    reading.started_at = read_text(header.started_at);
    reading.pid = header.pid;
    reading.unlisted = header.unlisted;
    ResidencyReport &report = reading.report;
    report.budget_bytes = read_count(header.budget_bytes);
    report.reserved_bytes = read_count(header.reserved_bytes);
    report.parked_bytes = read_count(header.parked_bytes);
    report.rule = parse_eviction_rule(read_text(header.eviction)).value_or(EvictionRule::lru);
    report.counters = {read_count(header.hits),     read_count(header.resumes),
                       read_count(header.loads),    read_count(header.evictions),
                       read_count(header.parkings), read_count(header.failures),
                       read_number(header.load_ms)};
    for (uint32_t i = 0; i < std::min(header.rows, board_rows); ++i) {
        report.modules.push_back(status_of(image->rows[i]));
    }
    rank(report.modules);
    return reading;
}

Result<std::vector<BoardReading>> read_boards(const std::string &directory) {
    std::vector<BoardReading> all;
    const auto names = posix_file_system()->list(directory);
    if (!names && names.error().code != SKL_E_NOT_FOUND) return names.error();
    if (!names) return all;
    for (const std::string &name : *names) {
        const std::string path = fmt::format("{}/{}", directory, name);
        if (lock_if_dead(path).valid()) {
            ::unlink(path.c_str());
            continue;
        }
        const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (!file.valid()) continue;
        if (auto reading = read_board(name, read_settled(file))) {
            all.push_back(*std::move(reading));
        }
    }
    std::sort(all.begin(), all.end(), [](const BoardReading &one, const BoardReading &other) {
        return std::tie(one.started_at, one.name) < std::tie(other.started_at, other.name);
    });
    return all;
}

}  // namespace skillet
