// Any text is refused with faults in their places, or is a topology that can be planned and whose settings can be
// bound.
#include <troupe/topology/loader.hpp>
#include <troupe/topology/plan.hpp>
#include <troupe/topology/settings.hpp>
#include "tests/topology/shop_catalog.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace troupe::topology;

struct Nested {
  std::uint8_t small = 0;
  std::optional<double> real;
};

struct Settings {
  troupe::Duration unpaid_after = std::chrono::minutes(15);
  std::string text;
  std::vector<Nested> list;
  std::map<std::string, std::int64_t> map;

  static void check(troupe::Checker<Settings>& c) { c.field(&Settings::text).length(0, 10); }
};

void require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
void check_faults(const Checked<T>& checked) {
  require(checked.value.has_value() == checked.faults.empty());
  for (const TopologyFault& fault : checked.faults) {
    require(fault.line >= 1 && fault.column >= 1 && !fault.what.empty());
    require(std::ranges::none_of(to_string(fault), [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  }
}

void check_topology(const Topology& topology, const Catalog& catalog) {
  require(!topology.nodes.empty());
  for (const std::string& protocol : catalog.protocols()) {
    for (std::uint32_t shard = 0; shard < 3; ++shard) require(topology.owner_of(protocol, shard) != nullptr);
  }
  const Plan plan = make_plan(topology, catalog);
  require(plan.nodes.size() == topology.nodes.size());
  require(!to_text(plan).empty() && !to_json(plan).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Catalog catalog = shop_catalog();
  const auto checked = parse({reinterpret_cast<const char*>(data), size}, "fuzz.toml", catalog,
                             environment({{"TROUPE_SECRET", std::string(43, 'A')}, {"PORT", "8080"}}));
  check_faults(checked);
  if (!checked) return 0;
  check_topology(*checked.value, catalog);
  check_faults(bind<Settings>(checked.value->settings_of("order")));
  return 0;
}
