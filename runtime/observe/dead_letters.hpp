#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/wire/id.hpp>
#include <troupe/wire/time.hpp>

/// The documents of the admin listener about sends that were given up: `wire::to_json` writes them.
namespace troupe::observe {

/// What is told of each.
struct DeadLetterSummary {
  std::string id;
  std::string sender;    ///< protocol and key: `order/01m7y867qz…`
  std::string receiver;  ///< the same
  std::string message;   ///< its name
  Time sent_at{};
  Time died_at{};
  std::uint32_t attempts = 0;  ///< deliveries on which the receiver crashed
  std::string reason;          ///< of the last crash
};

/// `GET /dead-letters`: a page of those that lie on this node.
struct DeadLetterList {
  std::string node;
  std::string topology;
  std::vector<DeadLetterSummary> dead_letters;
  std::optional<std::string> next;  ///< where there are more: go on with `?after=`
};

/// On whose behalf it was sent.
struct DeadLetterPrincipal {
  std::string kind;
  std::optional<Uuid> user;
  std::optional<std::string> role;
};

/// `GET /dead-letters/{id}`, and what it was where it was retried or dropped; the document has the message as `body`
/// beside these.
struct DeadLetterDetail {
  std::string node;
  std::string topology;
  DeadLetterSummary letter;
  std::uint64_t sequence = 0;  ///< of the sender's sends
  DeadLetterPrincipal principal;
  std::string trace;  ///< empty: not traced
};

}  // namespace troupe::observe
