#include <troupe/cli/schema.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <system_error>

#include <troupe/cli/schema_document.hpp>

namespace troupe::cli {

namespace {

std::optional<std::string> text_of(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    std::cerr << file << ": it is a folder\n";
    return std::nullopt;
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in && !in.bad()) return text;
  std::cerr << file << ": cannot be read: " << std::strerror(errno) << "; keep a release's `schema` there\n";
  return std::nullopt;
}

std::optional<SchemaDocument> read(const std::string& file) {
  const auto text = text_of(file);
  if (!text) return std::nullopt;
  std::vector<Fault> faults;
  auto document = read_schema_document(*text, faults);
  for (const auto& fault : faults) {
    std::cerr << file << ": " << (fault.pointer.empty() ? "the document" : fault.pointer) << ' ' << fault.detail
              << '\n';
  }
  return document;
}

}  // namespace

ExitCode schema(const node::Application& application, const std::string& against) {
  const auto now = schema_document(application);
  if (against.empty()) {
    std::cout << to_json(now);
    return done;
  }
  const auto before = read(against);
  if (!before) return misused;
  const auto changes = compare(*before, now);
  for (const auto& change : changes) {
    const bool breaking = change.compatibility == wire::Compatibility::breaking;
    std::cout << (breaking ? "breaking    " : "compatible  ") << change.path << ' ' << change.what << '\n';
  }
  if (changes.empty()) std::cout << "no changes\n";
  return compatible(changes) ? done : failed;
}

}  // namespace troupe::cli
