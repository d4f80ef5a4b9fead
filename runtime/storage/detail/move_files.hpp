#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <troupe/storage/data_move.hpp>
#include <troupe/storage/detail/move_journal.hpp>
#include <troupe/storage/layout.hpp>

/// What a move does to the files of one protocol. Nobody else has them open.
/// Errors: throws std::runtime_error that names the file.
namespace troupe::storage {

/// Makes the destination's file, where it is missing, with the tables that the source has.
void prepare_destination(const Carried& carried);

/// The tables to be copied, each a step of its own.
std::vector<std::string> tables_of(const Carried& carried);

/// Copies one table's rows; those that are there already are left alone, so it may be done again.
void copy_table(const Layout& to, const Carried& carried, const std::string& table);

/// Compares the file, read anew, with what it must hold. Where they differ, what has come into it is taken out again,
/// before this throws.
void verify_destination(const Layout& from, const Layout& to, const Carried& carried, const Expected& expected);

/// Deletes the rows that the new layout has elsewhere, and the file, where nothing is left and no node has it.
void clear_source(const Layout& to, const Carried& carried);

/// Deletes what was copied, and the file, where nothing is left and no node of the old layout has it.
void take_back(const Layout& from, const Carried& carried);

}  // namespace troupe::storage
