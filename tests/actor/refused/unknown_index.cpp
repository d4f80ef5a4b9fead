#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Listed {
  using Is = Listing<Page<int>>;
};
struct State {
  std::int64_t balance = 0;
};
using Api = Protocol<"thing", Listed>;
struct Thing : Entity<Api, State, Indexes<Index<"balance", &State::balance>>> {
  static Page<int> on(Listed, const Rows& rows) {
    return rows.by<"balnce">().page(10, std::nullopt, [](const Key&, const State&) { return 1; });
  }
};

EntityType type() { return entity_type<Thing>(); }
