#include <troupe/transport/refusal.hpp>

#include <array>
#include <utility>

namespace troupe::transport {
namespace {

using enum RefusalReason;

constexpr std::array<std::pair<RefusalReason, const char*>, 14> names{{{malformed, "malformed"},
                                                                       {wrong_version, "wrong_version"},
                                                                       {wrong_cluster, "wrong_cluster"},
                                                                       {wrong_secret, "wrong_secret"},
                                                                       {no_secret, "no_secret"},
                                                                       {wrong_node, "wrong_node"},
                                                                       {is_self, "is_self"},
                                                                       {duplicate_name, "duplicate_name"},
                                                                       {superseded, "superseded"},
                                                                       {differs, "differs"},
                                                                       {too_many_links, "too_many_links"},
                                                                       {draining, "draining"},
                                                                       {timed_out, "timed_out"},
                                                                       {unknown, "unknown"}}};

}  // namespace

const char* to_text(RefusalReason reason) {
  for (const auto& [value, name] : names) {
    if (value == reason) return name;
  }
  return "unknown";
}

RefusalReason parse_refusal_reason(const std::string& text) {
  for (const auto& [value, name] : names) {
    if (text == name) return value;
  }
  return unknown;
}

}  // namespace troupe::transport
