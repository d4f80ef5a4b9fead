#include <troupe/cli/environment.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <troupe/cli/descriptor.hpp>
#include <troupe/storage/private_file.hpp>
#include <troupe/wire/utf8.hpp>

namespace troupe::cli {

namespace {

constexpr std::string_view file_suffix = "_FILE";

/// No secret is longer; whatever is, was not meant.
constexpr std::size_t longest_value = 64 * 1024;

[[noreturn]] void fail(const std::string& variable, const std::string& path, const std::string& why) {
  throw UnusableVariable(variable + ": '" + path + "' " + why + "\n");
}

std::string read_value(const std::string& variable, const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) fail(variable, path, std::string("can't be read: ") + std::strerror(errno));
  if (const auto why = storage::distrust_of_secret(file.number(), path)) {
    throw UnusableVariable(variable + ": " + *why + "\n");
  }
  std::string value(longest_value + 1, '\0');
  std::size_t size = 0;
  while (size < value.size()) {
    const ssize_t got = ::read(file.number(), value.data() + size, value.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(variable, path, std::string("can't be read: ") + std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  value.resize(size);
  if (value.size() > longest_value)
    fail(variable, path, "is longer than 64 KiB: name the file that holds the value alone");
  if (value.find('\0') != std::string::npos) fail(variable, path, "holds a zero octet: name a file of text");
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return value;
}

/// What is wrong with a variable's text, as a line; empty: nothing.
std::string fault_of_text(std::string_view name, std::string_view value) {
  if (wire::is_utf8(name) && wire::is_utf8(value)) return {};
  std::string shown;
  for (const char c : name) shown += c > 0x20 && c < 0x7f ? c : '?';
  return shown + " holds octets that are not UTF-8: set it to a text\n";
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

std::string unusable_variables(std::string_view prefix) {
  std::string lines;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    if (!name.starts_with(prefix) || equals == std::string_view::npos) continue;
    lines += fault_of_text(name, text.substr(equals + 1));
    if (!name.ends_with(file_suffix)) continue;
    if (name.size() <= prefix.size() + file_suffix.size()) continue;  // no file's variable, as SHOP_FILE
    const auto variable = name.substr(0, name.size() - file_suffix.size());
    try {
      if (const auto value = environment(variable)) lines += fault_of_text(name, *value);
    } catch (const UnusableVariable& e) {
      lines += e.what();
    }
  }
  return lines;
}

}  // namespace troupe::cli
