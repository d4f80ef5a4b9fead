#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Renamed {
  using Reply = Done;
};
struct Looked {
  using Reply = Done;
};
struct State {
  int size = 0;
};
using Other = Protocol<"other", Looked>;
using Api = Protocol<"thing", Renamed>;
struct Thing : Entity<Api, State> {
  Task<Done> on(Renamed) {
    send<Looked>(actor<Other>(key()));
    co_return Done{};
  }
};

EntityType type() { return entity_type<Thing>(); }
