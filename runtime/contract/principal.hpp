#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/wire/id.hpp>

namespace troupe {

/// On whose behalf a message is asked: nobody known, a user with a role, or a node (sweeps, relays, start-up).
///
/// The gateway authenticates and checks roles; domains check ownership.
struct Principal {
  enum class Kind : std::uint8_t { anonymous, user, node };

  Kind kind = Kind::anonymous;
  Uuid user;         ///< of a user
  std::string role;  ///< of a user: the application's word; of a node: its name

  static Principal anonymous() { return {}; }
  static Principal of_user(Uuid user, std::string role) { return {Kind::user, user, std::move(role)}; }
  static Principal of_node(std::string name) { return {Kind::node, {}, std::move(name)}; }

  bool is_user(Uuid id) const { return kind == Kind::user && user == id; }
  bool has_role(std::string_view name) const { return kind == Kind::user && role == name; }
  bool is_node() const { return kind == Kind::node; }

  friend bool operator==(const Principal&, const Principal&) = default;
};

}  // namespace troupe
