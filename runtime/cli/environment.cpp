#include <troupe/cli/environment.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace troupe::cli {

namespace {

constexpr std::string_view file_suffix = "_FILE";

/// No secret is longer; whatever is, was not meant.
constexpr std::size_t longest_value = 64 * 1024;

std::string read_value(const std::string& variable, const std::string& path) {
  const auto fail = [&](const std::string& why) {
    throw UnusableVariable(variable + ": '" + path + "' " + why + "\n");
  };
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::string("can't be read: ") + std::strerror(errno));
  std::string value(longest_value + 1, '\0');
  file.read(value.data(), static_cast<std::streamsize>(value.size()));
  if (file.bad() || (file.fail() && !file.eof())) fail("can't be read: it is no file of text");
  value.resize(static_cast<std::size_t>(file.gcount()));
  if (value.size() > longest_value) fail("is longer than 64 KiB: name the file that holds the value alone");
  if (value.find('\0') != std::string::npos) fail("holds a zero octet: name a file of text");
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return value;
}

}  // namespace

std::optional<std::string> plain_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<std::string> environment(std::string_view name) {
  const std::string variable(name);
  const std::string file_variable = variable + std::string(file_suffix);
  const char* value = std::getenv(variable.c_str());
  const char* path = std::getenv(file_variable.c_str());
  if (path && *path == '\0') path = nullptr;
  if (value && path) throw UnusableVariable(variable + " and " + file_variable + " are both set: unset one\n");
  if (value) return value;
  if (path) return read_value(file_variable, path);
  return std::nullopt;
}

std::string unusable_files(std::string_view prefix) {
  std::string lines;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('='));
    if (!name.starts_with(prefix) || !name.ends_with(file_suffix)) continue;
    if (name.size() <= prefix.size() + file_suffix.size()) continue;  // no file's variable, as SHOP_FILE
    try {
      environment(name.substr(0, name.size() - file_suffix.size()));
    } catch (const UnusableVariable& e) {
      lines += e.what();
    }
  }
  return lines;
}

}  // namespace troupe::cli
