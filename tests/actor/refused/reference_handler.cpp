#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Renamed {
  using Is = Once<>;
};
struct Looked {
  using Is = Read<Done>;
};
struct State {
  int size = 0;
};
using Api = Protocol<"thing", Renamed, Looked>;
struct Thing : Entity<Api, State> {
  Task<Done> on(const Renamed&) { co_return Done{}; }
  Task<Done> on(Looked) const { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
