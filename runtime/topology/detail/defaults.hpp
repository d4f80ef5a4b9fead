#pragma once

#include <troupe/topology/address.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::topology::detail {

inline constexpr std::string_view monolith_name = "monolith";
inline constexpr std::string_view monolith_node = "main";
/// What all nodes have in common lies there, in `data` beside the nodes' own folders.
inline constexpr std::string_view shared_folder_name = "shared";
inline constexpr std::string_view sqlite_scheme = "sqlite:";
inline constexpr std::string_view default_storage = "sqlite:{data}/{node}/{protocol}.db";
inline constexpr std::uint16_t first_admin_port = 9101;

inline std::string default_data(std::string_view name) { return "data/" + std::string(name); }

/// `index` counts the nodes of the whole file.
inline Address default_admin(std::size_t index) {
  return {"127.0.0.1", static_cast<std::uint16_t>(first_admin_port + index)};
}

inline Address default_gateway() { return {"127.0.0.1", 8080}; }

inline std::string call_key(std::string_view from, std::string_view to) {
  return std::string(from) + " -> " + std::string(to);
}

}  // namespace troupe::topology::detail
