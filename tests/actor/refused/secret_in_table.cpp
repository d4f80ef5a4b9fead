#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Renamed {
  using Reply = Done;
};
struct Device {
  std::string name;
  Secret password;
};
struct StateWithSecrets {
  Table<std::string, Device> devices;
};
using Api = Protocol<"thing", Renamed>;
struct Thing : Entity<Api, StateWithSecrets> {
  Task<Done> on(Renamed) { co_return Done{}; }
};

EntityType type() { return entity_type<Thing>(); }
