#pragma once

#include <troupe/topology/catalog.hpp>
#include <troupe/topology/detail/reader.hpp>
#include <troupe/topology/model.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::topology::detail {

enum class NodeKind { single, group };

/// One `[nodes.NAME]` table: right by itself, not yet checked against the others.
struct DraftNode {
  std::string name;
  Position at;
  NodeKind kind = NodeKind::single;
  std::vector<Located<std::string>> hosts;  ///< known names only
  std::vector<std::string> meant;           ///< what unknown names were probably meant to be
  std::vector<Located<std::optional<Address>>> link;
  std::vector<Located<std::optional<Address>>> admin;
  std::optional<Located<std::string>> bind;
  std::optional<std::uint32_t> loops;
};

/// A file whose keys and values are right, each by itself.
struct Draft {
  std::string name;
  Position name_at;
  std::string data;
  std::vector<std::string> secrets;
  std::uint32_t hash = 1;
  std::vector<DraftNode> nodes;
  std::optional<Position> gateway_at;
  std::vector<Located<std::optional<Address>>> listen;
  GatewayLimits gateway;
  WatchdogPolicy watchdog;
  std::map<std::string, ActorPolicy, std::less<>> actors;
  std::optional<Located<std::string>> default_storage;
  std::map<std::string, Located<std::string>, std::less<>> storage;
  std::map<std::string, CallPolicy, std::less<>> calls;
  std::map<std::string, SettingsTable, std::less<>> settings;
  std::map<std::string, SupervisionPolicy, std::less<>> supervision;
};

Draft read_draft(const Table& document, const Catalog& catalog, Faults& faults);

}  // namespace troupe::topology::detail
