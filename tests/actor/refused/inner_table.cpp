#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Looked {
  using Reply = Done;
  static constexpr auto effect = Effect::read;
};
struct Shelf {
  Table<std::string, int> items;
};
struct StateWithInnerTable {
  int size = 0;
  std::vector<std::optional<Shelf>> shelves;
};
using Api = Protocol<"thing", Looked>;
struct Thing : Entity<Api, StateWithInnerTable> {
  Task<Done> on(Looked) const { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
