#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/protocol.hpp>

using namespace troupe;

struct ReplyWithPointer {
  const char* where = nullptr;
};
struct Looked {
  using Reply = ReplyWithPointer;
  static constexpr auto effect = Effect::read;
};
struct State {
  int size = 0;
};
using Api = Protocol<"thing", Looked>;
struct Thing : Entity<Api, State> {
  Task<ReplyWithPointer> on(Looked) const { co_return ReplyWithPointer{}; }
};

EntityType type() { return entity_type<Thing>(); }
