#include <unordered_map>

#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Looked {
  using Reply = Done;
  static constexpr auto effect = Effect::read;
};
struct StateWithUnorderedMap {
  int size = 0;
  std::unordered_map<std::string, int> counts;
};
using Api = Protocol<"thing", Looked>;
struct Thing : Entity<Api, StateWithUnorderedMap> {
  Task<Done> on(Looked) const { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
