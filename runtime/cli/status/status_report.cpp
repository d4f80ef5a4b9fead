#include <troupe/cli/status/status_report.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <troupe/cli/table.hpp>
#include <troupe/wire/enumerators.hpp>

namespace troupe::cli {

namespace {

constexpr std::string_view unknown_name = "?";

/// In its two largest units: `3d 4h`, `12m 5s`.
std::string rounded(Duration duration) {
  const auto seconds = duration.count() / 1000;
  if (seconds >= 86'400) return fmt::format("{}d {}h", seconds / 86'400, seconds % 86'400 / 3600);
  if (seconds >= 3600) return fmt::format("{}h {}m", seconds / 3600, seconds % 3600 / 60);
  if (seconds >= 60) return fmt::format("{}m {}s", seconds / 60, seconds % 60);
  return fmt::format("{}s", seconds);
}

std::string name_of(const NodeReport& report) { return report.node.empty() ? std::string(unknown_name) : report.node; }

Table nodes_of(const StatusReport& report) {
  Table table(
      {"NODE", "ADMIN", "START", "UP FOR", "MEMORY", "VERSION", "GATEWAY", "CONNECTIONS", "IN FLIGHT", "REQUESTS"});
  for (const auto& node : report.nodes) {
    if (!node.status) {
      table.add({name_of(node), node.admin, node.trouble.value_or("")});
      continue;
    }
    const auto& status = *node.status;
    std::vector<std::string> row{node.node,
                                 node.admin,
                                 std::to_string(status.incarnation),
                                 rounded(status.uptime),
                                 fmt::format("{} MB", status.resident_bytes / 1'000'000),
                                 status.version};
    if (const auto& gateway = status.gateway) {
      row.insert(row.end(), {gateway->address, std::to_string(gateway->connections), std::to_string(gateway->in_flight),
                             std::to_string(gateway->requests)});
    }
    table.add(std::move(row));
  }
  return table;
}

/// A table with the rows that `add_rows` makes of each node's status.
template <class AddRows>
Table table_of(const StatusReport& report, std::vector<std::string> heading, AddRows add_rows) {
  Table table(std::move(heading));
  for (const auto& node : report.nodes) {
    if (node.status) add_rows(table, node.node, *node.status);
  }
  return table;
}

Table protocols_of(const StatusReport& report) {
  return table_of(report,
                  {"PROTOCOL", "NODE", "SHARDS", "ENTITIES", "QUEUED", "OUTBOX", "DEAD LETTERS", "TURNS", "REJECTIONS",
                   "CRASHES", "STORAGE"},
                  [](Table& table, const std::string& node, const observe::Status& status) {
                    for (const auto& protocol : status.protocols) {
                      table.add({protocol.name, node, std::to_string(protocol.shards),
                                 std::to_string(protocol.entities), std::to_string(protocol.queued),
                                 std::to_string(protocol.outbox), std::to_string(protocol.dead_letters),
                                 std::to_string(protocol.turns), std::to_string(protocol.rejections),
                                 std::to_string(protocol.crashes), protocol.storage.value_or("memory")});
                    }
                  });
}

Table loops_of(const StatusReport& report) {
  return table_of(
      report, {"LOOP", "NODE", "QUEUED", "TURNS", "STUCK FOR", "DOING"},
      [](Table& table, const std::string& node, const observe::Status& status) {
        for (const auto& loop : status.loops) {
          table.add({std::to_string(loop.index), node, std::to_string(loop.queued), std::to_string(loop.turns),
                     loop.stuck ? troupe::to_text(*loop.stuck) : "-", loop.doing.value_or("-")});
        }
      });
}

Table links_of(const StatusReport& report) {
  return table_of(
      report,
      {"LINK FROM", "TO", "ADDRESS", "STATE", "CONNECTIONS", "IN FLIGHT", "QUEUED BYTES", "RECONNECTS", "TROUBLE"},
      [](Table& table, const std::string& node, const observe::Status& status) {
        for (const auto& link : status.links) {
          table.add({node, link.peer, link.address, std::string(wire::enum_name(link.state)),
                     std::to_string(link.connections), std::to_string(link.in_flight),
                     std::to_string(link.queued_bytes), std::to_string(link.reconnects), link.trouble.value_or("-")});
        }
      });
}

Table breakers_of(const StatusReport& report) {
  return table_of(
      report, {"BREAKER FROM", "TO", "OF NODE", "AT NODE", "STATE"},
      [](Table& table, const std::string& node, const observe::Status& status) {
        for (const auto& breaker : status.breakers) {
          table.add({breaker.from, breaker.to, breaker.node, node, std::string(wire::enum_name(breaker.state))});
        }
      });
}

void add_tree(Table& table, const std::string& node, const observe::TreeStatus& at, std::size_t depth) {
  const bool is_folded = at.count > 1;
  table.add({std::string(2 * depth, ' ') + at.name, node, at.kind, at.strategy.value_or("-"), at.restart,
             is_folded ? fmt::format("{} of {} running", at.running, at.count) : at.state, std::to_string(at.restarts),
             at.last_reason.value_or("-")});
  for (const auto& child : at.children) add_tree(table, node, child, depth + 1);
}

Table tree_of(const StatusReport& report) {
  return table_of(report, {"SUPERVISION", "NODE", "KIND", "STRATEGY", "RESTART", "STATE", "RESTARTS", "LAST REASON"},
                  [](Table& table, const std::string& node, const observe::Status& status) {
                    if (!status.tree.name.empty()) add_tree(table, node, status.tree, 0);
                  });
}

Table crash_looping_of(const StatusReport& report) {
  return table_of(report, {"CRASH-LOOPING", "KEY", "NODE", "SINCE", "CRASHES", "LAST REASON"},
                  [](Table& table, const std::string& node, const observe::Status& status) {
                    for (const auto& entity : status.crash_looping) {
                      table.add({entity.protocol, entity.key, node, troupe::to_text(entity.since),
                                 std::to_string(entity.crashes), entity.last_reason});
                    }
                  });
}

}  // namespace

std::string to_text(const StatusReport& report) {
  std::string text;
  for (const auto& table : {nodes_of(report), protocols_of(report), loops_of(report), links_of(report),
                            breakers_of(report), tree_of(report), crash_looping_of(report)}) {
    table.append_to(text);
  }
  return text;
}

}  // namespace troupe::cli
