#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Filled {
  using Reply = Done;
  std::optional<Table<std::string, int>> items;
};
struct State {
  int size = 0;
};
using Api = Protocol<"thing", Filled>;
struct Thing : Entity<Api, State> {
  Task<Done> on(Filled) { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
