// SPDX-License-Identifier: Apache-2.0
// A file system on which one chosen change fails: a full disk, a broken one.
//
// Every call that changes the disk counts as one operation, in the order of the calls. A write that
// fails has written half of its bytes. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace skillet::testing {

class FaultyFileSystem final : public FileSystem {
public:
    enum class Afterwards { works_again, stays_broken };

    // `real` must outlive this.
    explicit FaultyFileSystem(FileSystem &real) : real_(&real) {}

    // Counts from 0 again and fails the operation with this number.
    void fail_at(uint64_t operation, int errno_value,
                 Afterwards afterwards = Afterwards::works_again) {
        errno_value_ = errno_value;
        afterwards_ = afterwards;
        fail_at_ = operation;
        operations_ = 0;
    }
    void heal() { fail_at(never, 0); }

    // Operations since the last fail_at() or heal().
    [[nodiscard]] uint64_t operations() const { return operations_; }
    [[nodiscard]] bool has_failed() const { return operations_ > fail_at_; }

    Result<std::unique_ptr<WritableFile>> create(const std::string &path,
                                                 Readers readers) override {
        SKL_TRY(operation("cannot create", path));
        SKL_TRY_ASSIGN(file, real_->create(path, readers));
        return std::unique_ptr<WritableFile>(std::make_unique<File>(*this, std::move(file), path));
    }
    Result<std::unique_ptr<WritableFile>> resume(const std::string &path) override {
        SKL_TRY(operation("cannot open", path));
        SKL_TRY_ASSIGN(file, real_->resume(path));
        if (!file) return std::move(file);
        return std::unique_ptr<WritableFile>(std::make_unique<File>(*this, std::move(file), path));
    }
    Result<FileSlice> open(const std::string &path) override { return real_->open(path); }
    Result<void> rename(const std::string &from, const std::string &to) override {
        SKL_TRY(operation("cannot rename", to));
        return real_->rename(from, to);
    }
    Result<void> remove(const std::string &path) override {
        SKL_TRY(operation("cannot remove", path));
        return real_->remove(path);
    }
    Result<void> remove_abandoned(const std::string &path) override {
        SKL_TRY(operation("cannot remove", path));
        return real_->remove_abandoned(path);
    }
    Result<void> make_directories(const std::string &path) override {
        SKL_TRY(operation("cannot create directory", path));
        return real_->make_directories(path);
    }
    Result<void> make_directory_inside(const std::string &path) override {
        SKL_TRY(operation("cannot create directory", path));
        return real_->make_directory_inside(path);
    }
    Result<void> protect(const std::string &path) override {
        SKL_TRY(operation("cannot protect", path));
        return real_->protect(path);
    }
    Result<void> sync_directory(const std::string &path) override {
        SKL_TRY(operation("cannot sync directory", path));
        return real_->sync_directory(path);
    }
    Result<std::vector<std::string>> list(const std::string &path) override {
        return real_->list(path);
    }
    bool exists(const std::string &path) override { return real_->exists(path); }
    bool can_write(const std::string &path) override { return real_->can_write(path); }
    Result<FileFacts> facts(const std::string &path) override { return real_->facts(path); }

private:
    static constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

    class File final : public WritableFile {
    public:
        File(FaultyFileSystem &files, std::unique_ptr<WritableFile> real, std::string path)
            : files_(files), real_(std::move(real)), path_(std::move(path)) {}

        Result<void> write(std::span<const std::byte> bytes) override {
            auto allowed = files_.operation("cannot write", path_);
            if (allowed) return real_->write(bytes);
            (void)real_->write(bytes.first(bytes.size() / 2));
            return allowed;
        }
        Result<void> sync() override {
            SKL_TRY(files_.operation("cannot sync", path_));
            return real_->sync();
        }

    private:
        FaultyFileSystem &files_;
        std::unique_ptr<WritableFile> real_;
        std::string path_;
    };

    // Counts one operation; an error if it is to fail.
    Result<void> operation(std::string_view what, const std::string &path) {
        const uint64_t number = operations_++;
        const bool broken = afterwards_ == Afterwards::stays_broken && number > fail_at_;
        if (number == fail_at_ || broken) return os_error(errno_value_, what, path);
        return {};
    }

    FileSystem *real_;
    std::atomic<uint64_t> operations_{0};
    std::atomic<uint64_t> fail_at_{never};
    std::atomic<int> errno_value_{0};
    std::atomic<Afterwards> afterwards_{Afterwards::works_again};
};

}  // namespace skillet::testing
