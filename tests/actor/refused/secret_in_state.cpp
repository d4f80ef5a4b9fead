#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Renamed {
  using Reply = Done;
};
struct StateWithSecret {
  std::vector<Secret> passwords;
};
using Api = Protocol<"thing", Renamed>;
struct Thing : Entity<Api, StateWithSecret> {
  Task<Done> on(Renamed) { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
