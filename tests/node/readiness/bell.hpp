#pragma once

#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>

/// An entity that keeps nothing, and has nothing that may be asked by whoever knows nothing.
namespace troupe::node::bell {

struct Ring {
  using Reply = Done;
};
using Api = Protocol<"bell", Ring>;
struct State {};

class Bell : public Entity<Api, State> {
 public:
  Task<Done> on(Ring) { co_return Done{}; }
};

}  // namespace troupe::node::bell
