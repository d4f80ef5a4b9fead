#include "tests/architecture/checker.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace troupe::architecture {

namespace {

/// <troupe/x/y.hpp> is runtime/x/y.hpp, here and where the library is installed.
constexpr std::string_view library_prefix = "troupe/";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "nothing" : text;
}

/// The first `count` parts of a path.
std::string leading_parts(std::string_view path, std::ptrdiff_t count) {
  std::size_t end = 0;
  for (; end < path.size(); ++end) {
    if (path[end] == '/' && --count == 0) break;
  }
  return std::string(path.substr(0, end));
}

std::ptrdiff_t parts_of(std::string_view path) { return 1 + std::ranges::count(path, '/'); }

/// Whether `path` is the file that `pattern` names, or lies below the folder that it names.
bool lies_in(std::string_view path, const std::string& pattern) {
  const auto head = leading_parts(path, parts_of(pattern));
  return fnmatch(pattern.c_str(), head.c_str(), FNM_PATHNAME) == 0;
}

bool lies_in_any(std::string_view path, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return lies_in(path, pattern); });
}

/// The room that the file lies in, or null. A file beside the rooms, such as runtime/x.hpp, is in none, unless it has a
/// row of its own.
const Room* room_of(std::string_view path, const Rules& rules) {
  const Room* innermost = nullptr;
  for (const auto& room : rules.rooms) {
    if (path != room.folder && parts_of(path) <= parts_of(room.folder)) continue;
    if (!lies_in(path, room.folder)) continue;
    if (innermost == nullptr || parts_of(room.folder) > parts_of(innermost->folder)) innermost = &room;
  }
  return innermost;
}

/// actors/* is one row for many folders; this is the one that the file is in: actors/user.
std::string folder_of(std::string_view path, const Room& room) { return leading_parts(path, parts_of(room.folder)); }

class TreeChecker {
 public:
  TreeChecker(const std::vector<SourceFile>& files, const Rules& rules) : files_(files), rules_(rules) {
    for (const auto& file : files) paths_.insert(file.path);
    for (const auto& privilege : rules.privileges) patterns_.emplace_back(privilege.pattern, std::regex::optimize);
  }

  std::vector<Finding> run() {
    for (const auto& file : files_) {
      const auto* room = room_of(file.path, rules_);
      if (room == nullptr) {
        report(file, 1, "lies in no folder that the table in tests/architecture/rules.cpp knows");
        continue;
      }
      check_includes(file, *room);
      check_privileges(file);
    }
    return std::move(findings_);
  }

 private:
  void report(const SourceFile& file, std::size_t line, const std::string& what) {
    findings_.push_back(file.path + ":" + std::to_string(line) + ": " + what);
  }

  void check_includes(const SourceFile& file, const Room& room) {
    for (auto include : includes_of(file)) {
      if (include.form == Include::Form::angled && include.target.starts_with(library_prefix)) {
        include.target.replace(0, library_prefix.size(), "runtime/");
        check_ours(file, include, room);
      } else if (include.form == Include::Form::angled) {
        check_library(file, include);
      } else if (include.target.starts_with("runtime/")) {
        report(file, include.line,
               "includes \"" + include.target + "\"; the library's headers are spelled as users spell them: <troupe/" +
                   include.target.substr(std::string_view("runtime/").size()) + ">");
      } else {
        check_ours(file, include, room);
      }
    }
  }

  void check_ours(const SourceFile& file, const Include& include, const Room& room) {
    if (is_in_a_tree_of_its_own(file.path, include.target)) return;
    if (!paths_.contains(include.target)) {
      report(file, include.line,
             "includes " + include.target + ", which is no file here; name it from the checkout's root");
      return;
    }
    const auto folder = folder_of(file.path, room);
    const auto* target_room = room_of(include.target, rules_);
    if (target_room != nullptr && folder_of(include.target, *target_room) == folder) return;
    if (include.target.find("/detail/") != std::string::npos && folder != "tests") {
      report(file, include.line, include.target + " is a detail of its own folder");
      return;
    }
    if (lies_in_any(include.target, room.may_include)) return;
    report(file, include.line,
           folder + " may not include " + include.target + "; it may include " + joined(room.may_include));
  }

  /// A test may keep a small checkout below it, as the tutorial's does, with includes from that one's root.
  bool is_in_a_tree_of_its_own(std::string_view from, const std::string& target) const {
    if (!lies_in(from, "tests")) return false;
    for (auto end = from.rfind('/'); end != std::string_view::npos && end > 0; end = from.rfind('/', end - 1)) {
      if (paths_.contains(std::string(from.substr(0, end + 1)) + target)) return true;
    }
    return false;
  }

  void check_library(const SourceFile& file, const Include& include) {
    const auto found = std::ranges::find_if(
        rules_.libraries, [&](const Library& library) { return include.target.starts_with(library.headers); });
    if (found != rules_.libraries.end()) {
      if (lies_in(file.path, "tests") || lies_in_any(file.path, found->homes)) return;
      report(file, include.line, "<" + include.target + "> has its home in " + joined(found->homes));
    } else if (include.target.find_first_of("./") != std::string::npos && !lies_in(file.path, "tests")) {
      report(file, include.line, "<" + include.target + "> is a library's that the table does not know");
    }
  }

  void check_privileges(const SourceFile& file) {
    if (lies_in(file.path, "tests")) return;
    const auto code = code_of(file.text);
    for (std::size_t i = 0; i < rules_.privileges.size(); ++i) {
      const auto& privilege = rules_.privileges[i];
      if (lies_in_any(file.path, privilege.homes)) continue;
      for (std::sregex_iterator match(code.begin(), code.end(), patterns_[i]), end; match != end; ++match) {
        // Counted to the match's end: what comes before a word may be the end of the line above.
        const auto line = 1 + std::count(code.begin(), code.begin() + match->position() + match->length(), '\n');
        report(file, static_cast<std::size_t>(line),
               privilege.what + " (" + match->str() + "), which only " + joined(privilege.homes) + " may do; " +
                   privilege.instead);
      }
    }
  }

  const std::vector<SourceFile>& files_;
  const Rules& rules_;
  std::set<std::string, std::less<>> paths_;
  std::vector<std::regex> patterns_;  // of the privileges, in their order
  std::vector<Finding> findings_;
};

/// Finds the permissions that no file makes use of.
class UseChecker {
 public:
  UseChecker(const std::vector<SourceFile>& files, const Rules& rules) : files_(files), rules_(rules) {}

  std::vector<Finding> run() {
    for (const auto& room : rules_.rooms) check(room);
    for (const auto& library : rules_.libraries) {
      for (const auto& home : library.homes) check(library, home);
    }
    for (const auto& privilege : rules_.privileges) {
      const std::regex pattern(privilege.pattern, std::regex::optimize);
      for (const auto& home : privilege.homes) check(privilege, home, pattern);
    }
    return std::move(findings_);
  }

 private:
  void report(const std::string& what) {
    findings_.push_back(what + ", and nothing does; take it out of the table in tests/architecture/rules.cpp");
  }

  void check(const Room& room) {
    std::set<std::string> targets;
    for (const auto& file : files_) {
      if (room_of(file.path, rules_) != &room) continue;
      for (const auto& target : ours_included_by(file)) {
        const bool is_own = room_of(target, rules_) == &room &&
                            folder_of(file.path, room) == leading_parts(target, parts_of(room.folder));
        if (!is_own) targets.insert(target);
      }
    }
    for (const auto& allowed : room.may_include) {
      const auto lies_there = [&](const auto& target) { return lies_in(target, allowed); };
      if (std::ranges::none_of(targets, lies_there)) report(room.folder + " may include " + allowed);
    }
  }

  void check(const Library& library, const std::string& home) {
    const bool used = std::ranges::any_of(files_, [&](const SourceFile& file) {
      return lies_in(file.path, home) && std::ranges::any_of(includes_of(file), [&](const Include& include) {
               return include.form == Include::Form::angled && include.target.starts_with(library.headers);
             });
    });
    if (!used) report(home + " may include <" + library.headers + "...>");
  }

  void check(const Privilege& privilege, const std::string& home, const std::regex& pattern) {
    const bool used = std::ranges::any_of(files_, [&](const SourceFile& file) {
      return lies_in(file.path, home) && std::regex_search(code_of(file.text), pattern);
    });
    if (!used) report("in " + home + " code may be what " + privilege.what);
  }

  static std::vector<std::string> ours_included_by(const SourceFile& file) {
    std::vector<std::string> targets;
    for (const auto& include : includes_of(file)) {
      if (include.form == Include::Form::quoted) {
        targets.push_back(include.target);
      } else if (include.target.starts_with(library_prefix)) {
        targets.push_back("runtime/" + include.target.substr(library_prefix.size()));
      }
    }
    return targets;
  }

  const std::vector<SourceFile>& files_;
  const Rules& rules_;
  std::vector<Finding> findings_;
};

void add_too_large(const std::map<std::string, std::size_t>& counted, std::size_t limit, const std::string& unit,
                   const std::vector<Exception>& exceptions, std::vector<Finding>& findings) {
  const auto is_excepted = [&](const auto& path) {
    return std::ranges::find(exceptions, path, &Exception::path) != exceptions.end();
  };
  for (const auto& [path, count] : counted) {
    if (count <= limit || is_excepted(path)) continue;
    findings.push_back(path + ": has " + std::to_string(count) + ' ' + unit + ", more than " + std::to_string(limit) +
                       "; split it by concern, or say in tests/architecture/rules.cpp why not");
  }
  for (const auto& exception : exceptions) {
    const auto found = counted.find(exception.path);
    if (found != counted.end() && found->second > limit) continue;
    findings.push_back(exception.path + ": needs no exception for more than " + std::to_string(limit) + ' ' + unit);
  }
}

}  // namespace

std::vector<Finding> check_tree(const std::vector<SourceFile>& files, const Rules& rules) {
  return TreeChecker(files, rules).run();
}

std::vector<Finding> check_use(const std::vector<SourceFile>& files, const Rules& rules) {
  return UseChecker(files, rules).run();
}

std::vector<Finding> check_sizes(const std::vector<SourceFile>& files, const Sizes& sizes) {
  std::map<std::string, std::size_t> sources;  // by folder
  std::map<std::string, std::size_t> lines;    // by file
  for (const auto& file : files) {
    ++sources[file.path.substr(0, file.path.rfind('/'))];
    lines[file.path] = static_cast<std::size_t>(std::ranges::count(file.text, '\n'));
  }
  std::vector<Finding> findings;
  add_too_large(sources, sizes.sources_in_a_folder, "sources", sizes.larger_folders, findings);
  add_too_large(lines, sizes.lines_in_a_file, "lines", sizes.longer_files, findings);
  return findings;
}

std::vector<Finding> check_rules(const Rules& rules) {
  std::vector<Finding> findings;
  // Rows stand from the bottom up, which rules out circles: a row allows only folders of rows before it. The one
  // exception is a row of sibling folders that see each other's named headers, as domains do.
  std::vector<std::string> below;
  for (const auto& room : rules.rooms) {
    for (const auto& allowed : room.may_include) {
      const bool is_header = allowed.ends_with(".hpp");
      const bool known = is_header || allowed.ends_with("/*") || std::ranges::find(below, allowed) != below.end();
      if (!known) findings.push_back(room.folder + " allows " + allowed + ", which is no row above it");
    }
    below.push_back(room.folder);
  }
  return findings;
}

}  // namespace troupe::architecture
