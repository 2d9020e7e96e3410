// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_disk.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <stdexcept>

namespace skillet::testing {
namespace {

constexpr size_t sector_bytes = 512;

std::string parent_of(const std::string &path) { return path.substr(0, path.rfind('/')); }

bool changes_names(const Change &change) {
    return change.kind == ChangeKind::create || change.kind == ChangeKind::rename ||
           change.kind == ChangeKind::remove;
}

// The directory whose sync makes the change durable.
std::string directory_of(const Change &change) {
    return parent_of(change.kind == ChangeKind::rename ? change.to : change.path);
}

// The disk as it would be found again: replays the changes, and decides about those in flight.
class Replay {
public:
    explicit Replay(Survival survival) : survival_(survival), random_(survival.seed) {}

    void add(const Change &change) {
        switch (change.kind) {
            case ChangeKind::write:
            case ChangeKind::truncate: contents_in_flight_[change.file].push_back(&change); break;
            case ChangeKind::sync: settle_file(change.file); break;
            case ChangeKind::sync_directory: settle_directory(change.path); break;
            case ChangeKind::make_directory: directories_.insert(change.path); break;
            default: names_in_flight_.push_back(&change);
        }
    }

    void cut_power() {
        for (auto &[file, changes] : contents_in_flight_) {
            for (const Change *change : changes) {
                if (survives()) apply_content(*change, survival_.kind == Survival::Kind::some);
            }
        }
        std::map<std::string, bool> still_in_order;
        for (const Change *change : names_in_flight_) {
            const auto [place, first] = still_in_order.emplace(directory_of(*change), true);
            place->second = place->second && survives();
            if (place->second) apply_name(*change);
        }
    }

    void write_to(const std::string &root, const std::string &folder) const {
        namespace fs = std::filesystem;
        fs::create_directories(folder);
        const auto moved = [&](const std::string &path) {
            return folder + path.substr(root.size());
        };
        for (const std::string &directory : directories_) {
            if (directory.starts_with(root)) fs::create_directories(moved(directory));
        }
        for (const auto &[path, file] : names_) {
            if (!path.starts_with(root + "/")) continue;
            const auto content = contents_.find(file);
            std::ofstream out(moved(path), std::ios::binary);
            if (content != contents_.end()) out << content->second;
            if (!out.flush()) throw std::runtime_error("cannot restore " + path);
        }
    }

private:
    bool survives() {
        if (survival_.kind == Survival::Kind::some) return random_() % 2 == 0;
        return survival_.kind == Survival::Kind::all;
    }

    void settle_file(uint64_t file) {
        for (const Change *change : contents_in_flight_[file]) apply_content(*change, false);
        contents_in_flight_.erase(file);
    }

    void settle_directory(const std::string &path) {
        std::erase_if(names_in_flight_, [&](const Change *change) {
            if (directory_of(*change) != path) return false;
            apply_name(*change);
            return true;
        });
    }

    void apply_content(const Change &change, bool torn) {
        std::string &content = contents_[change.file];
        if (change.kind == ChangeKind::truncate) {
            content.resize(change.offset);
            return;
        }
        content.resize(std::max<size_t>(content.size(), change.offset + change.bytes.size()));
        for (size_t at = 0; at < change.bytes.size();) {
            // Sectors are those of the file, wherever the write began.
            const size_t end = (change.offset + at) / sector_bytes * sector_bytes + sector_bytes;
            const size_t count = std::min(change.bytes.size() - at, end - change.offset - at);
            if (!torn || survives()) {
                content.replace(change.offset + at, count, change.bytes, at, count);
            }
            at += count;
        }
    }

    void apply_name(const Change &change) {
        if (change.kind != ChangeKind::create) names_.erase(change.path);
        if (change.kind == ChangeKind::create) names_[change.path] = change.file;
        if (change.kind == ChangeKind::rename) names_[change.to] = change.file;
    }

    const Survival survival_;
    std::mt19937 random_;
    std::map<uint64_t, std::string> contents_;
    std::map<std::string, uint64_t> names_;
    std::set<std::string> directories_;
    std::map<uint64_t, std::vector<const Change *>> contents_in_flight_;
    std::vector<const Change *> names_in_flight_;
};

class RecordedFileSystem final : public FileSystem {
public:
    explicit RecordedFileSystem(RecordedDisk &disk) : disk_(disk), real_(posix_file_system()) {}

    Result<std::unique_ptr<WritableFile>> create(const std::string &path,
                                                 Readers readers) override {
        SKL_TRY(ask("cannot create", path));
        SKL_TRY_ASSIGN(file, real_->create(path, readers));
        const uint64_t id = disk_.file_at(path);
        disk_.note({ChangeKind::create, id, path, {}, 0, {}});
        return std::unique_ptr<WritableFile>(
            std::make_unique<File>(*this, std::move(file), id, path));
    }
    Result<std::unique_ptr<WritableFile>> resume(const std::string &path) override {
        SKL_TRY(ask("cannot open", path));
        const bool was_there = real_->exists(path);
        SKL_TRY_ASSIGN(file, real_->resume(path));
        if (!file) return std::move(file);
        const uint64_t id = disk_.file_at(path);
        if (!was_there) disk_.note({ChangeKind::create, id, path, {}, 0, {}});
        SKL_TRY_ASSIGN(written, real_->open(path));
        return std::unique_ptr<WritableFile>(
            std::make_unique<File>(*this, std::move(file), id, path, written.size()));
    }
    Result<FileSlice> open(const std::string &path) override { return real_->open(path); }
    Result<void> rename(const std::string &from, const std::string &to) override {
        SKL_TRY(ask("cannot rename", to));
        SKL_TRY(real_->rename(from, to));
        disk_.note({ChangeKind::rename, disk_.file_at(from), from, to, 0, {}});
        return {};
    }
    Result<void> remove(const std::string &path) override {
        return remove_by(path, &FileSystem::remove);
    }
    Result<void> remove_abandoned(const std::string &path) override {
        return remove_by(path, &FileSystem::remove_abandoned);
    }
    Result<void> make_directories(const std::string &path) override {
        SKL_TRY(ask("cannot create directory", path));
        SKL_TRY(real_->make_directories(path));
        disk_.note({ChangeKind::make_directory, 0, path, {}, 0, {}});
        return {};
    }
    Result<void> make_directory_inside(const std::string &path) override {
        SKL_TRY(ask("cannot create directory", path));
        SKL_TRY(real_->make_directory_inside(path));
        disk_.note({ChangeKind::make_directory, 0, path, {}, 0, {}});
        return {};
    }
    // Rights are not part of what is restored.
    Result<void> protect(const std::string &path) override {
        SKL_TRY(ask("cannot protect", path));
        return real_->protect(path);
    }
    Result<void> sync_directory(const std::string &path) override {
        SKL_TRY(ask("cannot sync directory", path));
        const std::string plain = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
        disk_.note({ChangeKind::sync_directory, 0, plain, {}, 0, {}});
        return {};
    }
    Result<std::vector<std::string>> list(const std::string &path) override {
        return real_->list(path);
    }
    bool exists(const std::string &path) override { return real_->exists(path); }
    bool can_write(const std::string &path) override { return real_->can_write(path); }
    Result<FileFacts> facts(const std::string &path) override { return real_->facts(path); }

private:
    class File final : public WritableFile {
    public:
        File(RecordedFileSystem &files, std::unique_ptr<WritableFile> real, uint64_t id,
             std::string path, uint64_t size = 0)
            : files_(files), real_(std::move(real)), id_(id), path_(std::move(path)), size_(size) {}

        Result<void> write(std::span<const std::byte> bytes) override {
            auto allowed = files_.ask("cannot write", path_);
            // A write that fails has written half of its bytes.
            const auto part = allowed ? bytes : bytes.first(bytes.size() / 2);
            SKL_TRY(real_->write(part));
            files_.disk_.note({ChangeKind::write,
                               id_,
                               path_,
                               {},
                               size_,
                               {reinterpret_cast<const char *>(part.data()), part.size()}});
            size_ += part.size();
            return allowed;
        }
        // The test has no use for waiting until the real disk has it.
        Result<void> sync() override {
            SKL_TRY(files_.ask("cannot sync", path_));
            files_.disk_.note({ChangeKind::sync, id_, path_, {}, 0, {}});
            return {};
        }

    private:
        RecordedFileSystem &files_;
        std::unique_ptr<WritableFile> real_;
        uint64_t id_;
        std::string path_;
        uint64_t size_;
    };

    Result<void> ask(std::string_view what, const std::string &path) {
        const int refused = disk_.admit();
        return refused == 0 ? Result<void>() : os_error(refused, what, path);
    }

    Result<void> remove_by(const std::string &path,
                           Result<void> (FileSystem::*how)(const std::string &)) {
        SKL_TRY(ask("cannot remove", path));
        const bool was_there = disk_.knows(path);
        SKL_TRY((*real_.*how)(path));
        if (was_there && !real_->exists(path)) {
            disk_.note({ChangeKind::remove, disk_.file_at(path), path, {}, 0, {}});
        }
        return {};
    }

    RecordedDisk &disk_;
    std::unique_ptr<FileSystem> real_;
};

}  // namespace

uint64_t RecordedDisk::changes() const {
    const std::lock_guard lock(mutex_);
    return changes_.size();
}

void RecordedDisk::fail_after(uint64_t changes, int errno_value, Afterwards afterwards) {
    const std::lock_guard lock(mutex_);
    admitted_ = 0;
    fail_at_ = changes;
    errno_value_ = errno_value;
    afterwards_ = afterwards;
}

void RecordedDisk::heal() {
    const std::lock_guard lock(mutex_);
    fail_at_.reset();
}

bool RecordedDisk::has_failed() const {
    const std::lock_guard lock(mutex_);
    return fail_at_ && admitted_ > *fail_at_;
}

int RecordedDisk::admit() {
    const std::lock_guard lock(mutex_);
    const uint64_t number = admitted_++;
    if (!fail_at_ || number < *fail_at_) return 0;
    const bool fails = number == *fail_at_ || afterwards_ == Afterwards::stays_broken;
    return fails ? errno_value_ : 0;
}

void RecordedDisk::note(Change change) {
    const std::lock_guard lock(mutex_);
    if (changes_names(change) && change.kind != ChangeKind::create) names_.erase(change.path);
    if (change.kind == ChangeKind::rename) names_[change.to] = change.file;
    changes_.push_back(std::move(change));
}

uint64_t RecordedDisk::file_at(const std::string &path) {
    const std::lock_guard lock(mutex_);
    const auto [place, added] = names_.emplace(path, files_ + 1);
    files_ += added;
    return place->second;
}

bool RecordedDisk::knows(const std::string &path) const {
    const std::lock_guard lock(mutex_);
    return names_.contains(path);
}

std::unique_ptr<FileSystem> RecordedDisk::file_system() {
    return std::make_unique<RecordedFileSystem>(*this);
}

void RecordedDisk::restore(const std::string &root, const std::string &folder, uint64_t count,
                           Survival survival) const {
    const std::lock_guard lock(mutex_);
    Replay replay(survival);
    for (uint64_t i = 0; i < count; ++i) replay.add(changes_[i]);
    replay.cut_power();
    replay.write_to(root, folder);
}

}  // namespace skillet::testing
