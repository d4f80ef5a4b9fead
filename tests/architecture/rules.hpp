#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::architecture {

/// A folder and what it may include of ours: folders, or single headers where only those are meant for it. `*` stands
/// for one path part. A folder always may include itself.
struct Room {
  std::string folder;
  std::vector<std::string> may_include;
};

/// Third-party or system headers, by how their names begin, and the folders that may include them.
struct Library {
  std::string headers;
  std::vector<std::string> homes;
};

/// Something that only certain folders may do, recognised by a regular expression over the code.
struct Privilege {
  std::string what;
  std::string pattern;
  std::vector<std::string> homes;
  std::string instead;
};

/// A folder, or a file, that is larger than the others may be, and why.
struct Exception {
  std::string path;
  std::string reason;
};

/// What a reader takes in at once.
struct Sizes {
  std::size_t sources_in_a_folder = 0;  ///< directly in it: .hpp and .cpp
  std::vector<Exception> larger_folders;
  std::size_t lines_in_a_file = 0;
  std::vector<Exception> longer_files;
};

/// The architecture. Changing it is a decision: the commit says why.
struct Rules {
  std::vector<Room> rooms;
  std::vector<Library> libraries;
  std::vector<Privilege> privileges;
  Sizes sizes = {};
};

/// Troupe's own.
const Rules& rules();

}  // namespace troupe::architecture
