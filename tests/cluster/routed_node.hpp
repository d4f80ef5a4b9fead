#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/cluster/router.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include <troupe/transport/links.hpp>
#include <troupe/transport/memory_network.hpp>
#include "tests/transport/recorder.hpp"

namespace troupe::cluster {

/// Text that can't be read where it is "broken".
struct Seal {
  std::string text;
};

}  // namespace troupe::cluster

template <>
struct troupe::wire::TextCodec<troupe::cluster::Seal> {
  static constexpr std::string_view description = "a seal";
  static std::string to_text(const cluster::Seal& seal) { return seal.text; }
  static std::optional<cluster::Seal> from_text(std::string_view text) {
    if (text == "broken") throw std::runtime_error("the seal is broken");
    return cluster::Seal{std::string(text)};
  }
};

namespace troupe::cluster {

/// What the node under test hosts.
namespace box {

struct Put {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string what;
};
struct Look {
  using Reply = std::string;
  static constexpr auto effect = Effect::read;
};
/// Keeps the entity busy.
struct Hold {
  using Reply = Done;
  Duration time{};
};
/// On whose behalf it is asked.
struct Who {
  using Reply = Principal;
  static constexpr auto effect = Effect::read;
};
struct Stamp {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  Seal seal;
};
using Api = Protocol<"box", Put, Look, Hold, Who, Stamp>;

struct State {
  std::string what;
};

class Box : public Entity<Api, State> {
 public:
  Task<Done> on(Put m) {
    edit().what = m.what;
    co_return Done{};
  }
  Task<std::string> on(Look) const { co_return state().what; }
  Task<Done> on(Hold m) {
    co_await pause(m.time);
    co_return Done{};
  }
  Task<Principal> on(Who) const { co_return principal(); }
  Task<Done> on(Stamp) { co_return Done{}; }
};

}  // namespace box

/// What its peer hosts, or says so.
namespace crate {

struct Fill {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string what;
};
struct List {
  using Reply = std::vector<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
};
struct Sealed {
  Seal seal;
};
struct ReadSeal {
  using Reply = Sealed;
  static constexpr auto effect = Effect::read;
};
using Api = Protocol<"crate", Fill, List, ReadSeal>;

}  // namespace crate

struct EngineReports final : engine::Reporter {
  void crashed(const engine::CrashReport&) override {}
  void trouble(std::string_view) override {}
};

struct LinkReports final : LinkReporter {
  void link_up(std::string_view) override {}
  void link_down(std::string_view, std::string_view) override {}
  void link_silent(std::string_view) override {}
  void link_refused(std::string_view, std::string_view) override {}
  void caller_refused(std::string_view, std::string_view) override {}
  void protocol_refused(std::string_view peer, std::string_view protocol, std::string_view why) override {
    refused.push_back(std::string(peer) + ' ' + std::string(protocol) + ": " + std::string(why));
  }
  std::vector<std::string> refused;
};

/// The node `here`, with engine and router, and its peer `there`, which the test plays, on a simulated network.
/// Both have their links on the first loop.
struct RoutedNode {
  explicit RoutedNode(transport::Recorder::Manner manner = transport::Recorder::Manner::silent,
                      transport::Limits limits = {}, std::size_t loops = 1);
  ~RoutedNode();
  RoutedNode(const RoutedNode&) = delete;
  RoutedNode& operator=(const RoutedNode&) = delete;

  /// Connects both ends; what the peer says of itself is in `self_there` before that.
  void start();
  /// An ask of the node, on its first loop.
  template <class M, class Api, class... F>
  std::shared_ptr<std::optional<Outcome<ReplyOf<M>>>> ask(Key key, std::chrono::milliseconds patience, F... fields);
  /// An ask of the peer, keyed.
  transport::SendResult ask_here(std::uint64_t request, const Call& call, std::chrono::milliseconds patience);
  std::optional<WireFailure> failure_of(std::uint64_t request) const;
  bool eventually(const std::function<bool()>& condition) {
    return world.run_until(condition, std::chrono::minutes(2));
  }
  std::vector<transport::Recorder::Received> received(transport::FrameType type) const;

  loop::Simulation world;
  transport::MemoryNetwork network{7};
  EngineReports engine_reports;
  LinkReports reports;
  transport::Limits limits;
  engine::Engine engine;
  std::unique_ptr<Router> router;
  transport::Recorder peer;
  transport::Self self_there = transport::make_self("there", 2);
  std::unique_ptr<transport::Links> links_here;
  std::unique_ptr<transport::Links> links_there;
  transport::Peer* to_here = nullptr;
};

inline Bytes keyed(const auto& message) { return wire::to_msgpack(message, wire::Encoding::keyed); }

Call call_of(std::string message, const Key& key, Bytes body);

template <class Api, class M, class... F>
Task<Outcome<ReplyOf<M>>> asking(Key key, F... fields) {
  if constexpr (scope_of<M> == Scope::directory) {
    co_return co_await directory<Api>().template try_ask<M>(std::move(fields)...);
  } else {
    co_return co_await actor<Api>(key).template try_ask<M>(std::move(fields)...);
  }
}

template <class M, class Api, class... F>
std::shared_ptr<std::optional<Outcome<ReplyOf<M>>>> RoutedNode::ask(Key key, std::chrono::milliseconds patience,
                                                                    F... fields) {
  auto result = std::make_shared<std::optional<Outcome<ReplyOf<M>>>>();
  loop::Loop& loop = engine.loop(0);
  loop.call([this, &loop, result, patience, task = asking<Api, M>(std::move(key), std::move(fields)...)]() mutable {
    Shared<Origin> origin(new Origin(Principal::of_node("here"), ""));
    engine.run(loop, {std::move(origin), loop.now() + patience}, std::move(task),
               [result](Outcome<Outcome<ReplyOf<M>>> outcome) {
                 result->emplace(outcome.ok() ? std::move(*outcome) : Outcome<ReplyOf<M>>(outcome.failure()));
               });
  });
  return result;
}

}  // namespace troupe::cluster
