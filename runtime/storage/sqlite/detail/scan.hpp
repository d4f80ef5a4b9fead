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

/// The rows of the read transaction that is open on the connection. Scans may nest.
///
/// Errors: `scan` throws Error, or std::invalid_argument for a scan that no declared index can answer.
class ScanSnapshot final : public Snapshot {
 public:
  ScanSnapshot(Connection& connection, const std::vector<IndexDeclaration>& indexes, IdleScans& idle)
      : connection_(connection), indexes_(indexes), idle_(idle) {}

  void scan(const Scan& scan, const Visit& visit) override;
  void dead_letters(const DeadLetterScan& scan, const std::function<bool(const DeadLetter&)>& visit) override {
    scan_dead_letters(connection_, scan, visit);
  }

 private:
  const IndexDeclaration* checked_index(const Scan& scan) const;

  Connection& connection_;
  const std::vector<IndexDeclaration>& indexes_;
  IdleScans& idle_;
};

}  // namespace troupe::storage::sqlite
