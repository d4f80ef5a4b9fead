#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>
#include <troupe/storage/sqlite/detail/sends/dead_letters.hpp>

namespace troupe::storage::sqlite {

/// Prepared scans that nobody runs at the moment, by their SQL.
using IdleScans = std::unordered_map<std::string, Statement>;

/// The SQL of a scan; ?1 is its condition's value, ?2 the key to go on after, ?3 that row's value, ?4 the last value.
/// Errors: throws std::invalid_argument for a scan that no declared index can answer.
std::string sql_of(const Scan& scan, const std::vector<IndexDeclaration>& indexes);

/// The rows of the read transaction that is open on the connection. Scans may nest.
///
/// Errors: `scan` throws Error, or what sql_of throws.
class ScanSnapshot final : public Snapshot {
 public:
  ScanSnapshot(Connection& connection, const std::vector<IndexDeclaration>& indexes, IdleScans& idle)
      : connection_(connection), indexes_(indexes), idle_(idle) {}

  void scan(const Scan& scan, const Visit& visit) override;
  void dead_letters(const DeadLetterScan& scan, const std::function<bool(const DeadLetter&)>& visit) override {
    scan_dead_letters(connection_, scan, visit);
  }

 private:
  Connection& connection_;
  const std::vector<IndexDeclaration>& indexes_;
  IdleScans& idle_;
};

}  // namespace troupe::storage::sqlite
