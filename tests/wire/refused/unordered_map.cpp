#include <unordered_map>

#include <troupe/wire/json.hpp>
#include <troupe/wire/schema.hpp>

struct StateWithUnorderedMap {
  int size = 0;
  std::optional<std::vector<std::unordered_map<std::string, int>>> counts;
};

std::string text() { return troupe::wire::to_json(StateWithUnorderedMap{}); }
auto value() { return troupe::wire::from_stored_json<StateWithUnorderedMap>(""); }
auto schema() { return troupe::wire::schema_of<StateWithUnorderedMap>().fields; }
