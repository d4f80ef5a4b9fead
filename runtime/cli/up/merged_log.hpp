#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/cli/descriptor.hpp>

namespace troupe::cli {

/// Cuts a stream into lines. A line that is longer than `longest_line` comes in pieces of that size.
class LineSplitter {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;
  using TakeLine = std::function<void(std::string_view line)>;

  void add(std::string_view bytes, const TakeLine& take);
  /// The end of the stream: what has no line end yet is a line too.
  void end(const TakeLine& take);

 private:
  std::string begun_;
};

enum class Colours { none, by_name };

/// The form of a log that several sources share: each line is led by the name of its source.
///
///     edge   | {"level":"info","msg":"ready"}
///     orders | {"level":"info","msg":"ready"}
class PrefixedLines {
 public:
  PrefixedLines(std::vector<std::string> names, Colours colours);

  /// `line` of the source `names[index]`, with its line end.
  std::string prefixed(std::size_t index, std::string_view line) const;

 private:
  std::vector<std::string> leads_;
};

/// A file for each source in one folder, `NAME.log`, to which its lines are appended.
class LogFiles {
 public:
  /// Errors: throws std::system_error that names the folder or file where it cannot be made.
  LogFiles(const std::filesystem::path& folder, const std::vector<std::string>& names);

  /// Errors: throws std::system_error that names the file.
  void add(std::size_t index, std::string_view line);

 private:
  struct File {
    std::string path;
    Descriptor descriptor;
  };
  std::vector<File> files_;
};

}  // namespace troupe::cli
