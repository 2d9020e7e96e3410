// SPDX-License-Identifier: Apache-2.0
// A shim over SQLite's own interface to the system: https://www.sqlite.org/vfs.html
#include "testing/recorded_database.h"

#include <cerrno>
#include <new>
#include <stdexcept>

#include <sqlite3.h>

namespace skillet::testing {
namespace {

constexpr const char *vfs_name = "recorded";

sqlite3_vfs *real_vfs = nullptr;
RecordedDisk *disk = nullptr;

struct RecordedFile {
    sqlite3_file base;  // first: SQLite sees only this
    uint64_t id;
    std::string path;
    bool is_recorded;         // temporary files are not
    bool directory_unsynced;  // a new log: SQLite syncs its directory with the file
    sqlite3_file *real;

    static RecordedFile *of(sqlite3_file *file) { return reinterpret_cast<RecordedFile *>(file); }
};

sqlite3_file *real_of(sqlite3_file *file) { return RecordedFile::of(file)->real; }

// As SQLite's own layer reports it.
int refusal(int errno_value, int otherwise) {
    return errno_value == ENOSPC ? SQLITE_FULL : otherwise;
}

int close_file(sqlite3_file *file) {
    RecordedFile *own = RecordedFile::of(file);
    const int code =
        own->real->pMethods != nullptr ? own->real->pMethods->xClose(own->real) : SQLITE_OK;
    own->~RecordedFile();
    return code;
}

int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    const RecordedFile &own = *RecordedFile::of(file);
    const int refused = own.is_recorded ? disk->admit() : 0;
    // A write that fails has written half of its bytes.
    const int written = refused != 0 ? count / 2 : count;
    const int code = own.real->pMethods->xWrite(own.real, bytes, written, offset);
    if (code == SQLITE_OK && own.is_recorded) {
        disk->note({ChangeKind::write,
                    own.id,
                    own.path,
                    {},
                    static_cast<uint64_t>(offset),
                    {static_cast<const char *>(bytes), static_cast<size_t>(written)}});
    }
    return refused != 0 ? refusal(refused, SQLITE_IOERR_WRITE) : code;
}

int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    const RecordedFile &own = *RecordedFile::of(file);
    if (own.is_recorded) {
        if (const int refused = disk->admit()) return refusal(refused, SQLITE_IOERR_TRUNCATE);
    }
    const int code = own.real->pMethods->xTruncate(own.real, size);
    if (code == SQLITE_OK && own.is_recorded) {
        disk->note({ChangeKind::truncate, own.id, own.path, {}, static_cast<uint64_t>(size), {}});
    }
    return code;
}

int sync_file(sqlite3_file *file, int flags) {
    RecordedFile &own = *RecordedFile::of(file);
    if (!own.is_recorded) return own.real->pMethods->xSync(own.real, flags);
    if (const int refused = disk->admit()) return refusal(refused, SQLITE_IOERR_FSYNC);
    disk->note({ChangeKind::sync, own.id, own.path, {}, 0, {}});
    if (!std::exchange(own.directory_unsynced, false)) return SQLITE_OK;
    disk->note({ChangeKind::sync_directory, 0, own.path.substr(0, own.path.rfind('/')), {}, 0, {}});
    return SQLITE_OK;
}

// What follows changes nothing on the disk, or only what SQLite makes anew after a crash.
int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}
int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file *file, int level) {
    return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file *file, int level) {
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved(sqlite3_file *file, int *reserved) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}
int control_file(sqlite3_file *file, int operation, void *argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
// Nothing is promised about sectors that are written over: the worst that a disk may do.
int characteristics(sqlite3_file *) { return 0; }
int map_shared(sqlite3_file *file, int page, int bytes, int extend, void volatile **memory) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, bytes, extend, memory);
}
int lock_shared(sqlite3_file *file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void order_shared(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int unmap_shared(sqlite3_file *file, int remove) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

constexpr sqlite3_io_methods methods = {2,
                                        close_file,
                                        read_file,
                                        write_file,
                                        truncate_file,
                                        sync_file,
                                        file_size,
                                        lock_file,
                                        unlock_file,
                                        check_reserved,
                                        control_file,
                                        sector_size,
                                        characteristics,
                                        map_shared,
                                        lock_shared,
                                        order_shared,
                                        unmap_shared,
                                        nullptr,
                                        nullptr};

int open_file(sqlite3_vfs *, const char *name, sqlite3_file *file, int flags, int *flags_out) {
    constexpr int recorded_kinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    file->pMethods = nullptr;
    const bool is_recorded = name != nullptr && (flags & recorded_kinds) != 0;
    const bool is_new = is_recorded && !disk->knows(name);
    if (is_new) {
        if (disk->admit() != 0) return SQLITE_CANTOPEN;
    }
    auto *own = new (file) RecordedFile{};
    own->real = reinterpret_cast<sqlite3_file *>(own + 1);
    const int code = real_vfs->xOpen(real_vfs, name, own->real, flags, flags_out);
    if (code != SQLITE_OK) {
        own->~RecordedFile();
        file->pMethods = nullptr;
        return code;
    }
    own->is_recorded = is_recorded;
    own->path = is_recorded ? name : "";
    own->base.pMethods = &methods;
    if (!is_recorded) return code;
    own->id = disk->file_at(name);
    own->directory_unsynced = is_new && (flags & SQLITE_OPEN_MAIN_DB) == 0;
    if (is_new) disk->note({ChangeKind::create, own->id, name, {}, 0, {}});
    return code;
}

int delete_file(sqlite3_vfs *, const char *name, int sync_directory) {
    const bool was_there = disk->knows(name);
    if (was_there) {
        if (disk->admit() != 0) return SQLITE_IOERR_DELETE;
    }
    const int code = real_vfs->xDelete(real_vfs, name, 0);
    if (code != SQLITE_OK || !was_there) return code;
    const std::string path = name;
    disk->note({ChangeKind::remove, disk->file_at(path), path, {}, 0, {}});
    if (sync_directory != 0) {
        disk->note({ChangeKind::sync_directory, 0, path.substr(0, path.rfind('/')), {}, 0, {}});
    }
    return code;
}

// Nobody lets go of a lock meanwhile, since there is one thread: waiting for one takes no time.
int pretend_to_sleep(sqlite3_vfs *, int microseconds) { return microseconds; }

sqlite3_vfs shim;

}  // namespace

RecordedDatabases::RecordedDatabases(RecordedDisk &recorded) {
    real_vfs = sqlite3_vfs_find(nullptr);
    if (real_vfs == nullptr) throw std::runtime_error("SQLite has no interface to the system");
    disk = &recorded;
    shim = *real_vfs;
    shim.zName = vfs_name;
    shim.szOsFile = static_cast<int>(sizeof(RecordedFile)) + real_vfs->szOsFile;
    shim.xOpen = open_file;
    shim.xDelete = delete_file;
    shim.xSleep = pretend_to_sleep;
    sqlite3_vfs_register(&shim, 1);
}

RecordedDatabases::~RecordedDatabases() {
    sqlite3_vfs_unregister(&shim);
    sqlite3_vfs_register(real_vfs, 1);
    disk = nullptr;
}

}  // namespace skillet::testing
