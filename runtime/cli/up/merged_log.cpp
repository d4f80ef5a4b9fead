#include <troupe/cli/up/merged_log.hpp>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <troupe/storage/private_file.hpp>

namespace troupe::cli {

namespace {

/// Cyan, yellow, green, magenta, blue, then their bright forms: red is for errors.
constexpr std::array<std::string_view, 10> colour_codes = {"36", "33", "32", "35", "34", "96", "93", "92", "95", "94"};

std::string lead_of(const std::string& name, std::size_t width, std::string_view colour) {
  const std::string padding(width - name.size(), ' ');
  if (colour.empty()) return name + padding + " | ";
  return "\x1b[" + std::string(colour) + "m" + name + padding + " |\x1b[0m ";
}

void write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void LineSplitter::add(std::string_view bytes, const TakeLine& take) {
  while (!bytes.empty()) {
    const std::size_t room = longest_line - begun_.size();
    const std::size_t end = bytes.substr(0, room).find('\n');
    const bool cut = end == std::string_view::npos;
    const std::size_t length = cut ? std::min(bytes.size(), room) : end;
    begun_ += bytes.substr(0, length);
    bytes.remove_prefix(cut ? length : length + 1);
    if (cut && begun_.size() < longest_line) return;
    take(begun_);
    begun_.clear();
  }
}

void LineSplitter::end(const TakeLine& take) {
  if (begun_.empty()) return;
  take(begun_);
  begun_.clear();
}

PrefixedLines::PrefixedLines(std::vector<std::string> names, Colours colours) {
  std::size_t width = 0;
  for (const auto& name : names) width = std::max(width, name.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto colour = colours == Colours::none ? std::string_view() : colour_codes[i % colour_codes.size()];
    leads_.push_back(lead_of(names[i], width, colour));
  }
}

std::string PrefixedLines::prefixed(std::size_t index, std::string_view line) const {
  std::string text = leads_.at(index);
  text.append(line).push_back('\n');
  return text;
}

LogFiles::LogFiles(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw std::system_error(error, "cannot make the folder " + folder.string());
  for (const auto& name : names) {
    std::string path = (folder / (name + ".log")).string();
    storage::make_private(path);
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) throw std::system_error(errno, std::generic_category(), "cannot write " + path);
    files_.push_back({std::move(path), std::move(file)});
  }
}

void LogFiles::add(std::size_t index, std::string_view line) {
  const auto& file = files_.at(index);
  write_all(file.descriptor.number(), std::string(line) + '\n', file.path);
}

}  // namespace troupe::cli
