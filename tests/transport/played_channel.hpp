#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <troupe/transport/network.hpp>
#include <troupe/wire/bytes.hpp>

namespace troupe::transport {

/// A channel whose other end is the test.
class PlayedChannel final : public Channel {
 public:
  void start(ChannelUser& the_user) override { user = &the_user; }
  std::size_t write(std::span<const std::byte> octets) override {
    const auto taken = octets.first(std::min(octets.size(), capacity));
    capacity -= taken.size();
    if (!taken.empty()) writes.emplace_back(taken.begin(), taken.end());
    return taken.size();
  }
  void close() override { user = nullptr; }
  Proximity proximity() const override { return Proximity::same_host; }
  std::chrono::milliseconds unacknowledged() override { return owed; }
  void give_up_after(std::chrono::milliseconds) override {}
  void move_to(loop::Loop&, std::function<void(std::shared_ptr<Channel>)>) override {}

  /// Octets come in from the other end.
  void receive(std::span<const std::byte> octets) {
    while (!octets.empty() && user != nullptr) {
      const auto space = user->input_space();
      const std::size_t size = std::min(space.size(), octets.size());
      std::memcpy(space.data(), octets.data(), size);
      octets = octets.subspan(size);
      user->on_input(size);
    }
  }
  Bytes written() const {
    Bytes all;
    for (const Bytes& each : writes) all.insert(all.end(), each.begin(), each.end());
    return all;
  }

  ChannelUser* user = nullptr;
  std::size_t capacity = std::size_t{1} << 30;  ///< that is still taken
  std::vector<Bytes> writes;
  std::chrono::milliseconds owed{};  ///< since when the other end acknowledges nothing
};

}  // namespace troupe::transport
