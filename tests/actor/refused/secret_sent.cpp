#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Renamed {
  using Reply = Done;
};
struct SignedIn {
  using Reply = Done;
  std::optional<Secret> password;
};
struct State {
  int size = 0;
};
using Other = Protocol<"other", SignedIn>;
using Api = Protocol<"thing", Renamed>;
struct Thing : Entity<Api, State, Asks<Other>> {
  Task<Done> on(Renamed) {
    send<SignedIn>(actor<Other>(key()), Secret("hunter2"));
    co_return Done{};
  }
};

EntityType type() { return entity_type<Thing>(); }
