#include "tests/architecture/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace troupe::architecture {

namespace {

constexpr std::string_view source_folders[] = {"runtime", "actors", "apps", "tests", "examples", "docs"};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Where a literal that opens at `at` with `quote` ends: the index of its closing quote, or the text's size.
std::size_t literal_end(std::string_view text, std::size_t at, char quote) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote || text[i] == '\n') {
      return i;
    }
  }
  return text.size();
}

/// The same for a raw string, whose opening quote is at `at`.
std::size_t raw_literal_end(std::string_view text, std::size_t at) {
  const auto open = text.find('(', at);
  if (open == std::string_view::npos) return text.size();
  const auto closing = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
  const auto end = text.find(closing, open);
  return end == std::string_view::npos ? text.size() : end + closing.size() - 1;
}

bool is_word(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, text.size()); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

}  // namespace

std::vector<SourceFile> read_source_tree(const std::filesystem::path& root) {
  std::vector<SourceFile> files;
  for (const auto folder : source_folders) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp")) continue;
      files.push_back({entry.path().lexically_relative(root).generic_string(), read_file(entry.path())});
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex directive(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  // The target of a quoted include is itself a literal, so comments are told from the blanked text: there the
  // directive's own word survives only where it is code.
  std::istringstream lines(file.text);
  std::istringstream code_lines(code_of(file.text));
  std::vector<Include> found;
  std::string line;
  std::string code;
  for (std::size_t number = 1; std::getline(lines, line) && std::getline(code_lines, code); ++number) {
    std::smatch match;
    if (code.find("include") == std::string::npos || !std::regex_search(line, match, directive)) continue;
    found.push_back({number, match[1] == "<" ? Include::Form::angled : Include::Form::quoted, match[2]});
  }
  return found;
}

std::string code_of(std::string_view text) {
  std::string code(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "//") {
      const auto end = std::min(text.find('\n', i), text.size());
      blank(code, i, end);
      i = end;
    } else if (text.substr(i, 2) == "/*") {
      const auto close = text.find("*/", i + 2);
      const auto end = close == std::string_view::npos ? text.size() : close + 2;
      blank(code, i, end);
      i = end - 1;
    } else if (text[i] == '"') {
      const bool raw = i > 0 && text[i - 1] == 'R';
      const auto end = raw ? raw_literal_end(text, i) : literal_end(text, i, '"');
      blank(code, i + 1, end);
      i = end;
    } else if (text[i] == '\'' && (i == 0 || !is_word(text[i - 1]))) {  // else it separates digits
      const auto end = literal_end(text, i, '\'');
      blank(code, i + 1, end);
      i = end;
    }
  }
  return code;
}

}  // namespace troupe::architecture
