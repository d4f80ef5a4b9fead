#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/storage/layout.hpp>
#include <troupe/storage/node_record.hpp>

namespace troupe::storage {

/// Why this node must not start on the data that is there: a sentence each, which says where what lies, where the
/// topology wants it, and what to do; empty when all is well.
///
/// Looked at are the node's own folder, and what lies for it in the folders of others beside it. Rows are counted only
/// where a folder's record differs from the layout. `application`: the name of its command.
/// Errors: throws std::runtime_error where a file can't be read.
std::vector<std::string> find_misplaced(const Layout& layout, const NodeLayout& node, const NodeRecord& own,
                                        std::string_view application);

/// What the node's record is from now on: its own places as far as their files are there, and what is told of others
/// that it held. A file that is recorded is missed when it is gone.
NodeRecord record_of(const Layout& layout, const NodeLayout& node, const NodeRecord& before);

/// Says that a file which its folder's record names is missing, as when its disk is not mounted; empty: it is there.
std::string lost_file(const RecordedDatabase& recorded, const NodeRecord& holder);

/// `shop data move --from F --to G`, with words where there is no file to name.
std::string move_command(std::string_view application, const std::string& from, const std::string& to);

}  // namespace troupe::storage
