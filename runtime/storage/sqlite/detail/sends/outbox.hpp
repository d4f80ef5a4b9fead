#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::sqlite {

/// A send that its receiver has acknowledged.
struct DeliveredSend {
  std::string sender;  ///< key bytes
  std::uint64_t sequence = 0;
};

/// What columns of a stored send hold. Errors: throws Error for what is malformed.
Key key_of_send(std::string_view bytes);
Uuid operation_of_send(std::string_view bytes);
Principal principal_of_send(std::int64_t kind, std::string_view user, std::string_view role);

/// The outbox table: sends that were committed and not yet acknowledged.
class Outbox {
 public:
  explicit Outbox(Connection& connection);

  void add(std::string_view sender, const OutboxRow& row);
  void remove(const DeliveredSend& send);

  /// Everything, by sender and sequence. Errors: throws Error, for a malformed row too.
  static std::vector<PendingSend> read(Connection& connection);

 private:
  Statement insert_;
  Statement remove_;
};

}  // namespace troupe::storage::sqlite
