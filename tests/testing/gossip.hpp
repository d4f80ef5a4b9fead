#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/actor.hpp>
#include <troupe/gateway/routes.hpp>

// Speakers tell listeners things by sends. A listener has a bug: it crashes on "poison", until it is cured.
namespace troupe::testing::gossip {

namespace listener {

struct State {
  std::vector<std::string> heard;
  bool cured = false;
};
struct Hear {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string text;
};
struct Cure {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};
struct Recall {
  using Reply = State;
  static constexpr auto effect = Effect::read;
};
using Api = Protocol<"listener", Hear, Cure, Recall>;

class Listener : public Entity<Api, State> {
 public:
  Task<Done> on(Hear m) {
    if (m.text == "poison" && !state().cured) throw std::runtime_error("it makes me ill");
    edit().heard.push_back(m.text);
    co_return Done{};
  }
  Task<Done> on(Cure) {
    edit().cured = true;
    co_return Done{};
  }
  Task<State> on(Recall) const { co_return state(); }
};

struct Declaration {
  using Entities = troupe::Entities<Listener>;
  static void routes(gateway::Routes& r) {
    r.post<Api, Cure>("/listeners/{id}/cures").says("Cures a listener");
    r.get<Api, Recall>("/listeners/{id}").says("Shows what a listener has heard");
  }
};

}  // namespace listener

namespace speaker {

struct Told {
  std::vector<std::string> texts;
};
/// All of it in one turn.
struct Tell {
  using Reply = Done;
  static constexpr auto effect = Effect::keyed;
  Uuid listener;
  std::vector<std::string> texts;
};
using Api = Protocol<"speaker", Tell>;

class Speaker : public Entity<Api, Told, Asks<listener::Api>> {
 public:
  Task<Done> on(Tell m) {
    for (const auto& text : m.texts) {
      edit().texts.push_back(text);
      send<listener::Hear>(actor<listener::Api>(Key(m.listener)), text);
    }
    co_return Done{};
  }
};

struct Declaration {
  using Entities = troupe::Entities<Speaker>;
  static void routes(gateway::Routes& r) { r.post<Api, Tell>("/speakers/{id}/words").says("Tells a listener"); }
};

}  // namespace speaker

}  // namespace troupe::testing::gossip
