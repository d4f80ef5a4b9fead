#include "tests/storage/faulty_disk.hpp"

#include <sqlite3.h>

#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>

namespace troupe::storage::test {

namespace {

using Operation = FaultyDisk::Operation;

struct Control {
  std::mutex mutex;
  std::optional<FaultyDisk::Plan> plan;
  int failures = 0;
  std::map<std::string, int> syncs;

  /// The code to fail with, or SQLITE_OK.
  int next(Operation operation, const std::string& file) {
    std::lock_guard lock(mutex);
    if (operation == Operation::sync) ++syncs[file];
    if (!plan || plan->operation != operation || !file.ends_with(plan->suffix)) return SQLITE_OK;
    if (plan->after > 0) {
      --plan->after;
      return SQLITE_OK;
    }
    if (plan->times-- <= 0) return SQLITE_OK;
    ++failures;
    return plan->code;
  }
};

Control control;
sqlite3_vfs* real_disk = nullptr;
sqlite3_vfs faulty_disk;

struct File {
  sqlite3_file base;
  std::string* name;
  sqlite3_file* real;
};

File* file_of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return file_of(file)->real; }

int close_file(sqlite3_file* file) {
  delete file_of(file)->name;
  return real_of(file)->pMethods->xClose(real_of(file));
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const int code = control.next(Operation::write, *file_of(file)->name);
  if (code == SQLITE_OK) return real_of(file)->pMethods->xWrite(real_of(file), data, size, offset);
  if (code == SQLITE_FULL) real_of(file)->pMethods->xWrite(real_of(file), data, size / 2, offset);
  return code;
}

int sync_file(sqlite3_file* file, int flags) {
  const int code = control.next(Operation::sync, *file_of(file)->name);
  return code == SQLITE_OK ? real_of(file)->pMethods->xSync(real_of(file), flags) : code;
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  const int code = extend ? control.next(Operation::map_shared_memory, *file_of(file)->name) : SQLITE_OK;
  return code == SQLITE_OK ? real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory) : code;
}

const sqlite3_io_methods methods = {
    3,
    close_file,
    [](sqlite3_file* f, void* p, int n, sqlite3_int64 at) { return real_of(f)->pMethods->xRead(real_of(f), p, n, at); },
    write_file,
    [](sqlite3_file* f, sqlite3_int64 size) { return real_of(f)->pMethods->xTruncate(real_of(f), size); },
    sync_file,
    [](sqlite3_file* f, sqlite3_int64* size) { return real_of(f)->pMethods->xFileSize(real_of(f), size); },
    [](sqlite3_file* f, int level) { return real_of(f)->pMethods->xLock(real_of(f), level); },
    [](sqlite3_file* f, int level) { return real_of(f)->pMethods->xUnlock(real_of(f), level); },
    [](sqlite3_file* f, int* out) { return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out); },
    [](sqlite3_file* f, int op, void* arg) { return real_of(f)->pMethods->xFileControl(real_of(f), op, arg); },
    [](sqlite3_file* f) { return real_of(f)->pMethods->xSectorSize(real_of(f)); },
    [](sqlite3_file* f) { return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f)); },
    map_shared,
    [](sqlite3_file* f, int at, int n, int flags) { return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags); },
    [](sqlite3_file* f) { real_of(f)->pMethods->xShmBarrier(real_of(f)); },
    [](sqlite3_file* f, int erase) { return real_of(f)->pMethods->xShmUnmap(real_of(f), erase); },
    [](sqlite3_file* f, sqlite3_int64 at, int n, void** p) {
      return real_of(f)->pMethods->xFetch(real_of(f), at, n, p);
    },
    [](sqlite3_file* f, sqlite3_int64 at, void* p) { return real_of(f)->pMethods->xUnfetch(real_of(f), at, p); },
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* faulty = file_of(file);
  faulty->base.pMethods = nullptr;
  faulty->real = reinterpret_cast<sqlite3_file*>(faulty + 1);
  const int code = real_disk->xOpen(real_disk, name, faulty->real, flags, out_flags);
  if (faulty->real->pMethods == nullptr) return code;
  try {
    faulty->name = new std::string(name ? name : "");
  } catch (const std::bad_alloc&) {
    // Nothing is thrown through SQLite.
    faulty->real->pMethods->xClose(faulty->real);
    return SQLITE_NOMEM;
  }
  faulty->base.pMethods = &methods;
  return code;
}

/// Before main: what is built on SQLite's default disk looks for it once, at the first opening.
const bool installed = [] {
  real_disk = sqlite3_vfs_find(nullptr);
  faulty_disk = *real_disk;
  faulty_disk.pNext = nullptr;
  faulty_disk.zName = "faulty";
  faulty_disk.szOsFile = static_cast<int>(sizeof(File)) + real_disk->szOsFile;
  faulty_disk.xOpen = open_file;
  return sqlite3_vfs_register(&faulty_disk, 1) == SQLITE_OK;
}();

}  // namespace

FaultyDisk::FaultyDisk() {
  if (!installed) throw std::logic_error("SQLite's default disk is not the one that can fail");
  control.plan.reset();
  control.failures = 0;
  control.syncs.clear();
}

FaultyDisk::~FaultyDisk() { heal(); }

void FaultyDisk::fail(Plan plan) {
  std::lock_guard lock(control.mutex);
  control.plan = std::move(plan);
}

void FaultyDisk::heal() {
  std::lock_guard lock(control.mutex);
  control.plan.reset();
}

int FaultyDisk::failures() const {
  std::lock_guard lock(control.mutex);
  return control.failures;
}

int FaultyDisk::syncs(const std::string& suffix) const {
  std::lock_guard lock(control.mutex);
  int total = 0;
  for (const auto& [file, count] : control.syncs) {
    if (file.ends_with(suffix)) total += count;
  }
  return total;
}

}  // namespace troupe::storage::test
