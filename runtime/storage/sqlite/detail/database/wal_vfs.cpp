#include <troupe/storage/sqlite/detail/database/wal_vfs.hpp>

#include <cstring>
#include <memory>
#include <new>

namespace troupe::storage::sqlite {

namespace {

/// SQLite's Unix VFS takes less than 128 KiB at once: it cuts the size to 17 bits.
constexpr std::size_t gathered_bytes = 124 << 10;
constexpr const char* vfs_name = "troupe_log";

/// An open log. SQLite owns the memory: this, followed by the file of the VFS below.
struct LogFile {
  sqlite3_file base;
  LogWrites mode;
  std::unique_ptr<char[]> gathered;
  std::size_t size;      ///< bytes gathered
  sqlite3_int64 offset;  ///< where they belong

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods& methods() { return *below()->pMethods; }

  int write(const void* data, int count, sqlite3_int64 at) { return methods().xWrite(below(), data, count, at); }

  /// After an error the bytes are gone: SQLite undoes the transaction that wrote them.
  int flush() {
    if (size == 0) return SQLITE_OK;
    const auto count = static_cast<int>(size);
    size = 0;
    return write(gathered.get(), count, offset);
  }

  int gather(const void* data, int count, sqlite3_int64 at) {
    const auto bytes = static_cast<std::size_t>(count);
    if (size > 0 && (at != offset + static_cast<sqlite3_int64>(size) || size + bytes > gathered_bytes)) {
      const int code = flush();
      if (code != SQLITE_OK) return code;
    }
    if (!gathered) gathered.reset(new (std::nothrow) char[gathered_bytes]);
    if (!gathered || bytes > gathered_bytes) return write(data, count, at);
    if (size == 0) offset = at;
    std::memcpy(gathered.get() + size, data, bytes);
    size += bytes;
    return SQLITE_OK;
  }
};

LogFile& log_of(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file); }

int write_log(sqlite3_file* file, const void* data, int count, sqlite3_int64 at) {
  auto& log = log_of(file);
  return log.mode == LogWrites::gathered ? log.gather(data, count, at) : log.write(data, count, at);
}

/// What SQLite does to a log besides writing sees everything that was written.
template <auto Method, class... Args>
int after_flush(sqlite3_file* file, Args... args) {
  auto& log = log_of(file);
  const int code = log.flush();
  return code == SQLITE_OK ? (log.methods().*Method)(log.below(), args...) : code;
}

template <auto Method, class... Args>
int pass_on(sqlite3_file* file, Args... args) {
  auto& log = log_of(file);
  return (log.methods().*Method)(log.below(), args...);
}

int close_log(sqlite3_file* file) {
  auto& log = log_of(file);
  log.flush();  // no commit is in it, or its sync has told of the error
  const int code = log.methods().xClose(log.below());
  log.~LogFile();
  return code;
}

constexpr sqlite3_io_methods log_methods = {
    1,
    close_log,
    after_flush<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    write_log,
    after_flush<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    after_flush<&sqlite3_io_methods::xSync, int>,
    after_flush<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    pass_on<&sqlite3_io_methods::xLock, int>,
    pass_on<&sqlite3_io_methods::xUnlock, int>,
    pass_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
    pass_on<&sqlite3_io_methods::xFileControl, int, void*>,
    pass_on<&sqlite3_io_methods::xSectorSize>,
    pass_on<&sqlite3_io_methods::xDeviceCharacteristics>,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

sqlite3_vfs* vfs_below(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int open_file_below(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* below = vfs_below(vfs);
  if ((flags & SQLITE_OPEN_WAL) == 0) return below->xOpen(below, name, file, flags, out_flags);
  auto* log = new (file) LogFile{};
  const int code = below->xOpen(below, name, log->below(), flags, out_flags);
  if (log->below()->pMethods != nullptr) {
    log->base.pMethods = &log_methods;
  } else {
    log->~LogFile();
    file->pMethods = nullptr;
  }
  return code;
}

/// All else is the VFS below's, which looks at its own data only.
template <auto Method, class... Args>
auto on_vfs_below(sqlite3_vfs* vfs, Args... args) {
  auto* below = vfs_below(vfs);
  return (below->*Method)(below, args...);
}

sqlite3_vfs make_vfs() {
  // Counting every allocation takes a lock that all stores share. Refused where SQLite is in use already.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = *below;
  vfs.pNext = nullptr;
  vfs.zName = vfs_name;
  vfs.pAppData = below;
  vfs.szOsFile = static_cast<int>(sizeof(LogFile)) + below->szOsFile;
  vfs.xOpen = open_file_below;
  vfs.xDelete = on_vfs_below<&sqlite3_vfs::xDelete, const char*, int>;
  vfs.xAccess = on_vfs_below<&sqlite3_vfs::xAccess, const char*, int, int*>;
  vfs.xFullPathname = on_vfs_below<&sqlite3_vfs::xFullPathname, const char*, int, char*>;
  vfs.xRandomness = on_vfs_below<&sqlite3_vfs::xRandomness, int, char*>;
  vfs.xSleep = on_vfs_below<&sqlite3_vfs::xSleep, int>;
  vfs.xCurrentTime = on_vfs_below<&sqlite3_vfs::xCurrentTime, double*>;
  vfs.xGetLastError = on_vfs_below<&sqlite3_vfs::xGetLastError, int, char*>;
  vfs.xCurrentTimeInt64 = on_vfs_below<&sqlite3_vfs::xCurrentTimeInt64, sqlite3_int64*>;
  return vfs;
}

LogFile* open_log(Connection& connection) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
  return file && file->pMethods == &log_methods ? &log_of(file) : nullptr;
}

}  // namespace

const char* wal_vfs() {
  // SQLite keeps VFSs in a process-wide list.
  static sqlite3_vfs vfs = make_vfs();
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  return registered == SQLITE_OK ? vfs_name : nullptr;
}

void use_log_writes(Connection& connection, LogWrites mode) {
  LogFile* log = open_log(connection);
  if (!log) {
    connection.integer("SELECT count(*) FROM sqlite_schema");  // a connection that has read nothing has no log open
    log = open_log(connection);
  }
  if (!log) return;
  const int code = log->flush();
  if (code != SQLITE_OK) throw Error(code, sqlite3_errstr(code));
  log->mode = mode;
}

}  // namespace troupe::storage::sqlite
