// Any octets from a peer: in a handshake, at either end of it, or on a link that is up. The first octet chooses.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include <troupe/loop/simulation.hpp>
#include <troupe/transport/detail/connection.hpp>
#include "tests/transport/played_channel.hpp"

namespace troupe::transport {
namespace {

using detail::Handshake;

void require(bool holds) {
  if (!holds) std::abort();
}

Limits small_limits() {
  Limits limits;
  limits.frame = limits.window = 4096;
  limits.handshake_frame = 4096;
  limits.queued = 16 << 10;
  return limits;
}

Self self_named(const char* name, std::uint64_t instance) {
  Self self;
  self.identity = {Role::node, name, 1, Uuid{1, instance}};
  self.cluster = "test";
  self.facts = {{"hash", "1"}};
  return self;
}

struct Ended {
  Handshake::State state;
  std::size_t output = 0;

  bool operator==(const Ended&) const = default;
};

Ended run_handshake(Handshake& handshake, std::span<const std::byte> octets, std::size_t piece) {
  while (!octets.empty() && handshake.state() == Handshake::State::under_way) {
    const auto space = handshake.space();
    const std::size_t size = std::min({octets.size(), space.size(), piece});
    std::memcpy(space.data(), octets.data(), size);
    octets = octets.subspan(size);
    handshake.received(size);
  }
  return {handshake.state(), handshake.take_output().size()};
}

void check_acceptor(std::span<const std::byte> octets) {
  const Limits limits = small_limits();
  const Self self = self_named("catalog", 1);
  const auto run = [&](std::size_t piece) {
    detail::AcceptorHandshake handshake(self, limits, 2, Proximity::same_host, {},
                                        [](const Identity&) { return std::nullopt; });
    return run_handshake(handshake, octets, piece);
  };
  // Octets after the proof are a fault only where they come along with it.
  const Ended whole = run(octets.size());
  const Ended pieces = run(1);
  require(whole == pieces || pieces.state == Handshake::State::completed);
}

void check_dialer(std::span<const std::byte> octets) {
  const Limits limits = small_limits();
  const Self self = self_named("orders", 2);
  detail::DialerHandshake handshake(self, limits, {.name = "catalog", .from_loop = 0, .to_loop = 1, .loops = 1}, {});
  run_handshake(handshake, octets, octets.size());
}

class Echo final : public Receiver, public detail::ConnectionOwner {
 public:
  Taken on_frame(Link& link, const Frame& frame) override {
    require(is_data(frame.type));
    static_cast<void>(link.send({FrameType::reply, frame.flags, frame.request, frame.payload}));
    return frame.request % 7 == 6 ? Taken::held : Taken::done;
  }
  void on_lost(loop::Loop&, std::uint64_t, Fate, const std::string&) override { ++lost; }
  void on_closed(detail::Connection&) override {}

  int lost = 0;
};

void check_link(std::span<const std::byte> octets) {
  const Limits limits = small_limits();
  loop::Simulation simulation(1);
  Echo echo;
  const auto channel = std::make_shared<PlayedChannel>();
  channel->capacity = 64 << 10;
  detail::HandshakeResult result;
  result.window = result.max_frame = 4096;
  const Shared<detail::Connection> link(
      new detail::Connection(simulation.loop(0), limits, echo, echo, result, channel));
  link->start({});
  for (std::uint64_t request = 1; request <= 3; ++request) {
    require(link->send({FrameType::ask, 0, request, {}}) == SendResult::accepted);
  }
  simulation.loop(0).call([&] { channel->receive(octets); });
  simulation.advance(std::chrono::milliseconds(10));
  require(link->status().queued <= 2 * limits.queued + 4096);
  const auto open_asks = static_cast<int>(link->status().outstanding);
  link->close("the input ends");
  require(link->status().outstanding == 0 && echo.lost >= open_asks && echo.lost <= 3);
  simulation.drop_jobs();
}

}  // namespace
}  // namespace troupe::transport

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto octets = std::as_bytes(std::span(data + 1, size - 1));
  switch (data[0] % 3) {
    case 0:
      troupe::transport::check_acceptor(octets);
      break;
    case 1:
      troupe::transport::check_dialer(octets);
      break;
    default:
      troupe::transport::check_link(octets);
      break;
  }
  return 0;
}
