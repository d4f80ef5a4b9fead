#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct ReplyWithSecret {
  Secret password;
};
struct Looked {
  using Reply = ReplyWithSecret;
  static constexpr auto effect = Effect::read;
};
struct State {
  int size = 0;
};
using Api = Protocol<"thing", Looked>;
struct Thing : Entity<Api, State> {
  Task<ReplyWithSecret> on(Looked) const { co_return ReplyWithSecret{}; }
};

EntityType type() { return entity_type<Thing>(); }
