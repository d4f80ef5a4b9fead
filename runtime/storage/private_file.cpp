#include <troupe/storage/private_file.hpp>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

constexpr mode_t of_others = S_IRWXG | S_IRWXO;
constexpr mode_t all_write = S_IWUSR | S_IWGRP | S_IWOTH;
constexpr mode_t all_read = S_IRUSR | S_IRGRP | S_IROTH;

/// Ends what is said of a mode, before the command that changes it.
constexpr std::string_view unless_changed =
    ", which chmod does not change where a file system knows no owners: then place it on another)";

bool is_own_group(gid_t group) {
  if (group == ::getegid()) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(0, count)));
  return std::ranges::find(groups, group) != groups.end();
}

/// Whether root has given a folder above to the group, whose members then could put another in this one's place. One
/// such as /tmp, where each user may replace his own only, was given to nobody.
bool lies_with_group(const fs::path& path, gid_t group) {
  for (fs::path above = fs::absolute(path).parent_path();; above = above.parent_path()) {
    struct stat found{};
    const bool there = ::stat(above.c_str(), &found) == 0;
    const bool open_to_group = (found.st_mode & S_IWGRP) != 0 && (found.st_mode & S_ISVTX) == 0;
    if (there && found.st_uid == 0 && found.st_gid == group && open_to_group) return true;
    if (!above.has_relative_path()) return false;
  }
}

/// `rights`: of all three parts of a mode. Members of a group of this process are no others where root has given that
/// group the place.
bool others_may(mode_t rights, const fs::path& path, const struct stat& found) {
  if ((found.st_mode & rights & S_IRWXO) != 0) return true;
  if ((found.st_mode & rights & S_IRWXG) == 0) return false;
  const bool given_by_root = (found.st_uid == 0 && ::geteuid() != 0) || lies_with_group(path, found.st_gid);
  return !is_own_group(found.st_gid) || !given_by_root;
}

/// A path as a shell reads it.
std::string shell_word(const fs::path& path) {
  std::string text = "'";
  for (const char c : path.string()) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string mode_of(const struct stat& found) {
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "%04o", static_cast<unsigned>(found.st_mode & 07777));
  return digits.data();
}

std::string owned_by_another(const fs::path& path, const struct stat& found, std::string_view change) {
  const auto owned =
      path.string() + " belongs to the user " + std::to_string(found.st_uid) + ", and this process runs as ";
  // To take files from a service's user, as root could, would end the service.
  if (::geteuid() == 0) return owned + "root; run it as that user";
  const auto user = std::to_string(::geteuid());
  return owned + user + "; if what is in it can be trusted, run: " + std::string(change) + " " + user + " " +
         shell_word(path);
}

std::string open_to_others(const fs::path& path, const struct stat& found) {
  return path.string() + " can be written by other users of this machine (mode " + mode_of(found) +
         std::string(unless_changed) + "; if what is in it can be trusted, run: chmod go-w " + shell_word(path);
}

std::string readable_by_others(const fs::path& path, const struct stat& found, std::string_view why) {
  return path.string() + " can be read by other users of this machine (mode " + mode_of(found) + std::string(why) +
         std::string(unless_changed) + "; run: chmod go-r " + shell_word(path);
}

bool is_foreign(const struct stat& found) { return found.st_uid != ::geteuid() && found.st_uid != 0; }

void refuse_foreign(const fs::path& path, const struct stat& found, std::string_view change) {
  if (is_foreign(found)) throw Untrusted(owned_by_another(path, found, change));
  if (others_may(all_write, path, found)) throw Untrusted(open_to_others(path, found));
}

/// What the path leads to, where that is a regular file, which is refused where others could have written it.
std::optional<struct stat> trusted_file(const fs::path& file) {
  struct stat found{};
  if (::lstat(file.c_str(), &found) != 0) return std::nullopt;
  if (S_ISLNK(found.st_mode)) {
    if (is_foreign(found)) throw Untrusted(owned_by_another(file, found, "chown -h"));
    if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  }
  if (!S_ISREG(found.st_mode)) return std::nullopt;
  refuse_foreign(file, found, "chown");
  return found;
}

/// By its name: a database that is opened and closed here would lose the locks that SQLite has on it.
void close_to_others(const fs::path& file) {
  const bool changed = ::chmod(file.c_str(), S_IRUSR | S_IWUSR) == 0;
  const int error = errno;
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0 || !others_may(all_read, file, found)) return;
  throw Untrusted(readable_by_others(file, found, changed ? "" : std::string(", ") + std::strerror(error)));
}

}  // namespace

void refuse_foreign_folder(const fs::path& folder) {
  struct stat found{};
  if (::stat(folder.c_str(), &found) == 0) refuse_foreign(folder, found, "chown -R");
}

void refuse_shared_folder(const fs::path& folder) {
  struct stat found{};
  if (::stat(folder.c_str(), &found) != 0) return;
  const bool for_all = (found.st_mode & S_ISVTX) != 0 && (found.st_mode & S_IWOTH) != 0;
  if (!for_all) return refuse_foreign(folder, found, "chown");
  throw Untrusted(folder.string() + " is a folder for all users (mode " + mode_of(found) +
                  "), who could put files beside a database; place it in a folder of its own");
}

void refuse_foreign_file(const fs::path& file) { static_cast<void>(trusted_file(file)); }

void make_private(const fs::path& file) {
  const auto found = trusted_file(file);
  if (!found || (found->st_mode & of_others) == 0) return;
  if (found->st_uid == ::geteuid()) return close_to_others(file);
  if (others_may(all_read, file, *found)) throw Untrusted(readable_by_others(file, *found, ""));
}

std::optional<std::string> distrust_of_secret(int descriptor, const fs::path& file) {
  struct stat link{};
  if (::lstat(file.c_str(), &link) == 0 && S_ISLNK(link.st_mode) && is_foreign(link)) {
    struct statvfs place{};
    const bool fixed = ::statvfs(file.has_parent_path() ? file.parent_path().c_str() : ".", &place) == 0 &&
                       (place.f_flag & ST_RDONLY) != 0;
    if (!fixed) return owned_by_another(file, link, "chown -h");
  }
  struct stat found{};
  if (::fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  struct statvfs mount{};
  const bool fixed = ::fstatvfs(descriptor, &mount) == 0 && (mount.f_flag & ST_RDONLY) != 0;
  if (is_foreign(found) && !fixed) return owned_by_another(file, found, "chown");
  if (others_may(all_write, file, found)) return open_to_others(file, found);
  return std::nullopt;
}

}  // namespace troupe::storage
