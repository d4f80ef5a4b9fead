#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Renamed {
  using Reply = Done;
};
struct Looked {
  using Reply = Done;
  static constexpr auto effect = Effect::read;
};
struct State {
  int size = 0;
};
using Api = Protocol<"thing", Renamed>;
struct Thing : Entity<Api, State> {
  Task<Done> on(Renamed) const { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
