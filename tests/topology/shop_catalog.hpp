#pragma once

#include <troupe/topology/catalog.hpp>
#include <troupe/topology/loader.hpp>

#include <map>
#include <string>

namespace troupe::topology {

/// Domains in the shape of the example shop's.
inline Catalog shop_catalog() {
  Catalog catalog;
  catalog.domains = {
      {"user", "user", {{"email", HelperPlacement::beside_main}}},
      {"product", "product", {}},
      {"order", "order", {{"payment", HelperPlacement::anywhere}, {"shipping", HelperPlacement::anywhere}}},
  };
  catalog.domains[2].workers = {{"settling", "order"}, {"paying", "payment"}};
  return catalog;
}

inline Environment environment(std::map<std::string, std::string, std::less<>> variables = {}) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace troupe::topology
