#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct Listed {
  using Is = Listing<Page<int>>;
};
struct State {
  std::uint64_t views = 0;
};
using Api = Protocol<"thing", Listed>;
struct Thing : Entity<Api, State, Indexes<Index<"views", &State::views>>> {
  static Page<int> on(Listed, const Rows& rows) {
    return rows.by<"views">().page(10, std::nullopt, [](const Key&, const State&) { return 1; });
  }
};

EntityType type() { return entity_type<Thing>(); }
