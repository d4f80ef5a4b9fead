#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Renamed {};
struct Looked {
  using Reply = Done;
  static constexpr auto effect = Effect::read;
};
struct State {
  int size = 0;
};
using Api = Protocol<"thing", Renamed, Looked>;
struct Thing : Entity<Api, State> {
  Task<Done> on(Renamed) { co_return Done{}; }
  Task<Done> on(Looked) const { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
void tell(const Ref<Api>& thing) { thing.ask<Renamed>(); }
