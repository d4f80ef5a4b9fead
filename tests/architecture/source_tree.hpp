#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::architecture {

/// One source file as the rules see it.
struct SourceFile {
  std::string path;  // from the checkout's root, '/' between parts
  std::string text;
};

/// One #include line.
struct Include {
  enum class Form { quoted, angled };
  std::size_t line = 0;  // counted from 1
  Form form = Form::quoted;
  std::string target;
};

/// Every .hpp and .cpp below the folders that hold our code, in path order.
std::vector<SourceFile> read_source_tree(const std::filesystem::path& root);

/// The file's includes, in order; those in comments are none.
std::vector<Include> includes_of(const SourceFile& file);

/// The text with comments and the contents of string and character literals blanked out, line by line as before.
std::string code_of(std::string_view text);

}  // namespace troupe::architecture
