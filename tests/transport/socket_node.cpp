#include "tests/transport/socket_node.hpp"

#include <future>

namespace troupe::transport {
namespace {

std::vector<loop::Loop*> all_loops(loop::ThreadedLoops& loops) {
  std::vector<loop::Loop*> all;
  for (std::size_t i = 0; i < loops.size(); ++i) all.push_back(&loops.loop(i));
  return all;
}

}  // namespace

SocketNode::SocketNode(Self self, Options options)
    : loops(options.loops),
      recorder(options.manner),
      links(all_loops(loops), network, std::move(self), recorder, options.limits) {}

SocketNode::~SocketNode() {
  loops.stop();
  loops.drop_jobs();
}

void SocketNode::on_loop(std::size_t index, const std::function<void(loop::Loop&)>& what) {
  std::promise<void> ended;
  loops.loop(index).call([&] {
    what(loops.loop(index));
    ended.set_value();
  });
  ended.get_future().get();
}

SendResult SocketNode::ask(Peer& peer, std::uint64_t request, const std::string& payload, std::size_t shard,
                           std::size_t loop) {
  auto sent = SendResult::no_link;
  on_loop(loop,
          [&](loop::Loop& here) { sent = peer.send(here, shard, {FrameType::ask, 0, request, as_octets(payload)}); });
  return sent;
}

bool SocketNode::eventually(const std::function<bool()>& condition) {
  return loops.run_until(condition, std::chrono::minutes(1));
}

}  // namespace troupe::transport
