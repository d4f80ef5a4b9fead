#include "tests/cluster/routed_node.hpp"

namespace troupe::cluster {

using transport::Links;
using transport::Recorder;

RoutedNode::RoutedNode(Recorder::Manner manner, transport::Limits limits, std::size_t loops)
    : world(7, loops), limits(limits), engine(world, engine_reports), peer(manner) {
  engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
  engine.host(entity_type<box::Box>(), nullptr);
  engine.know(protocol_info<crate::Api>, {});
  const std::vector<Placement> placements{{"box", std::vector<std::string>(64, "here")},
                                          {"crate", std::vector<std::string>(64, "there")}};
  router = std::make_unique<Router>(engine, "here", placements, reports);
  self_there.fingerprints = router->fingerprints();
}

RoutedNode::~RoutedNode() {
  engine.stop(std::chrono::milliseconds(0));
  world.drop_jobs();
}

void RoutedNode::start() {
  transport::Self self_here = transport::make_self("here", 1);
  self_here.fingerprints = router->fingerprints();
  links_here = std::make_unique<Links>(std::vector{&world.loop(0)}, network.host("here"), self_here, *router, limits);
  links_there = std::make_unique<Links>(std::vector{&world.loop(0)}, network.host("there"), self_there, peer, limits);
  links_here->listen("here:1");
  links_there->listen("there:1");
  links_here->add_peer("there", "there:1");
  to_here = &links_there->add_peer("here", "here:1");
  router->connect(*links_here);
  engine.start();
}

transport::SendResult RoutedNode::ask_here(std::uint64_t request, const Call& call,
                                           std::chrono::milliseconds patience) {
  const Bytes payload = keyed(call);
  auto& loop = world.loop(0);
  return to_here->send(loop, 0, {transport::FrameType::ask, flag_keyed, request, payload, loop.now() + patience});
}

std::vector<Recorder::Received> RoutedNode::received(transport::FrameType type) const {
  auto all = peer.received();
  std::erase_if(all, [&](const auto& each) { return each.type != type; });
  return all;
}

std::optional<WireFailure> RoutedNode::failure_of(std::uint64_t request) const {
  for (const auto& each : received(transport::FrameType::failure)) {
    if (each.request != request) continue;
    auto failure = wire::from_msgpack<WireFailure>(transport::as_octets(each.payload), wire::Encoding::keyed);
    if (failure) return std::move(*failure);
  }
  return std::nullopt;
}

Call call_of(std::string message, const Key& key, Bytes body) {
  Call call;
  call.protocol = "box";
  call.message = std::move(message);
  call.key = octets_of(key);
  call.body = std::move(body);
  return call;
}

}  // namespace troupe::cluster
