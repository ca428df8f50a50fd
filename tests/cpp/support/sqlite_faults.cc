#include "support/sqlite_faults.h"

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/fault_point.h"

namespace floe::testing {
namespace {

/// An open file: SQLite's own follows it in memory.
struct FaultyFile {
  sqlite3_file base;
  FaultPoint* faults;  ///< null: operations only pass
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods& methods() { return *inner()->pMethods; }
};

FaultyFile& FileOf(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }

/// Runs `work` unless a fault comes first; `failure` is what SQLite is then told.
int Pass(FaultPoint* faults, const char* operation, int failure,
         const std::function<int()>& work) {
  if (faults == nullptr) {
    return work();
  }
  int code = SQLITE_OK;
  bool failed = false;
  faults->Pass(
      std::string("sqlite: ") + operation, [&] { code = work(); }, [&] { failed = true; });
  return failed ? failure : code;
}

int Close(sqlite3_file* file) { return FileOf(file).methods().xClose(FileOf(file).inner()); }

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  FaultyFile& f = FileOf(file);
  return Pass(f.faults, "read", SQLITE_IOERR_READ,
              [&] { return f.methods().xRead(f.inner(), out, size, offset); });
}

int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  FaultyFile& f = FileOf(file);
  return Pass(f.faults, "write", SQLITE_FULL,
              [&] { return f.methods().xWrite(f.inner(), from, size, offset); });
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  FaultyFile& f = FileOf(file);
  return Pass(f.faults, "truncate", SQLITE_IOERR_TRUNCATE,
              [&] { return f.methods().xTruncate(f.inner(), size); });
}

int Sync(sqlite3_file* file, int /*flags*/) {
  return Pass(FileOf(file).faults, "sync", SQLITE_IOERR_FSYNC, [] { return SQLITE_OK; });
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return FileOf(file).methods().xFileSize(FileOf(file).inner(), size);
}
int Lock(sqlite3_file* file, int level) {
  return FileOf(file).methods().xLock(FileOf(file).inner(), level);
}
int Unlock(sqlite3_file* file, int level) {
  return FileOf(file).methods().xUnlock(FileOf(file).inner(), level);
}
int CheckReservedLock(sqlite3_file* file, int* out) {
  return FileOf(file).methods().xCheckReservedLock(FileOf(file).inner(), out);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return FileOf(file).methods().xFileControl(FileOf(file).inner(), operation, argument);
}
int SectorSize(sqlite3_file* file) {
  return FileOf(file).methods().xSectorSize(FileOf(file).inner());
}
int DeviceCharacteristics(sqlite3_file* file) {
  return FileOf(file).methods().xDeviceCharacteristics(FileOf(file).inner());
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, volatile void** out) {
  return FileOf(file).methods().xShmMap(FileOf(file).inner(), page, size, extend, out);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return FileOf(file).methods().xShmLock(FileOf(file).inner(), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) {
  FileOf(file).methods().xShmBarrier(FileOf(file).inner());
}
int ShmUnmap(sqlite3_file* file, int remove) {
  return FileOf(file).methods().xShmUnmap(FileOf(file).inner(), remove);
}

constexpr sqlite3_io_methods kMethods = {
    2,
    Close,
    Read,
    Write,
    Truncate,
    Sync,
    FileSize,
    Lock,
    Unlock,
    CheckReservedLock,
    FileControl,
    SectorSize,
    DeviceCharacteristics,
    ShmMap,
    ShmLock,
    ShmBarrier,
    ShmUnmap,
    nullptr,
    nullptr,
};

}  // namespace

/// SQLite's own file system with FaultyFiles in it.
struct FaultyVfs {
  explicit FaultyVfs(std::shared_ptr<FaultPoint> fault_point)
      : inner(sqlite3_vfs_find(nullptr)), vfs(*inner), faults(std::move(fault_point)) {
    vfs.zName = "faulty";
    vfs.pNext = nullptr;
    vfs.pAppData = this;
    vfs.szOsFile += static_cast<int>(sizeof(FaultyFile));
    vfs.xOpen = Open;
    vfs.xDelete = Delete;
    if (sqlite3_vfs_register(&vfs, /*makeDflt=*/1) != SQLITE_OK) {
      throw std::runtime_error("can't register a file system for SQLite");
    }
  }
  ~FaultyVfs() { sqlite3_vfs_unregister(&vfs); }
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  static FaultyVfs& Of(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                  int* out_flags) {
    FaultyVfs& self = Of(vfs);
    FaultyFile& f = FileOf(file);
    f.faults = self.faults.get();
    const int code = self.inner->xOpen(self.inner, name, f.inner(), flags, out_flags);
    f.base.pMethods = f.inner()->pMethods == nullptr ? nullptr : &kMethods;
    return code;
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
    FaultyVfs& self = Of(vfs);
    return Pass(self.faults.get(), "delete", SQLITE_IOERR_DELETE,
                [&] { return self.inner->xDelete(self.inner, name, sync); });
  }

  sqlite3_vfs* inner;
  sqlite3_vfs vfs;
  std::shared_ptr<FaultPoint> faults;
};

void StopSyncingSqlite() { static FaultyVfs vfs(nullptr); }

SqliteFaults::SqliteFaults(std::shared_ptr<FaultPoint> faults)
    : vfs_(std::make_unique<FaultyVfs>(std::move(faults))) {}

SqliteFaults::~SqliteFaults() = default;

}  // namespace floe::testing
