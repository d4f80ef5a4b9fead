#include <troupe/transport/detail/network/memory_connection.hpp>

#include <algorithm>
#include <cstring>

namespace troupe::transport::detail {
namespace {

class MemoryChannel final : public Channel {
 public:
  MemoryChannel(std::shared_ptr<MemoryConnection> connection, std::size_t side)
      : connection_(std::move(connection)), side_(side) {}
  ~MemoryChannel() override { close(); }
  MemoryChannel(const MemoryChannel&) = delete;
  MemoryChannel& operator=(const MemoryChannel&) = delete;

  void start(ChannelUser& user) override { connection_->start(side_, user); }
  std::size_t write(std::span<const std::byte> octets) override {
    return connection_ ? connection_->write(side_, octets) : 0;
  }
  void close() override {
    if (const auto connection = std::exchange(connection_, nullptr)) connection->close(side_);
  }
  Proximity proximity() const override { return Proximity::same_host; }
  std::chrono::milliseconds unacknowledged() override {
    return connection_ ? connection_->unacknowledged(side_) : std::chrono::milliseconds{};
  }
  /// Does nothing: octets that wait here cost no socket, and a connection is destroyed when both ends have closed it.
  void give_up_after(std::chrono::milliseconds) override {}
  void move_to(loop::Loop& loop, std::function<void(std::shared_ptr<Channel>)> then) override {
    auto moved = std::exchange(connection_, nullptr)->move(side_, loop);
    loop.call([moved = std::move(moved), then = std::move(then)] { then(moved); });
  }

 private:
  std::shared_ptr<MemoryConnection> connection_;
  const std::size_t side_;
};

}  // namespace

std::chrono::microseconds MemoryConditions::delay() {
  const auto span = (faults.longest_delay - faults.shortest_delay).count();
  if (span <= 0) return faults.shortest_delay;
  return faults.shortest_delay + std::chrono::microseconds(generator() % static_cast<std::uint64_t>(span + 1));
}

bool MemoryConditions::breaks() {
  // Not a distribution of the standard library: those differ between its makers.
  return faults.break_chance > 0 && static_cast<double>(generator() >> 11) * 0x1p-53 < faults.break_chance;
}

MemoryConnection::MemoryConnection(std::shared_ptr<MemoryConditions> conditions, std::array<std::string, 2> hosts)
    : conditions_(std::move(conditions)) {
  for (std::size_t side = 0; side < 2; ++side) {
    ends_[side].connection = this;
    ends_[side].side = side;
    ends_[side].host = std::move(hosts[side]);
  }
}

MemoryConnection::~MemoryConnection() {
  for (End& end : ends_) {
    if (end.armed()) end.loop->cancel_timer(end);
  }
}

std::shared_ptr<Channel> MemoryConnection::attach(std::size_t side, loop::Loop& loop) {
  ends_[side].loop = &loop;
  return std::make_shared<MemoryChannel>(shared_from_this(), side);
}

std::shared_ptr<Channel> MemoryConnection::move(std::size_t side, loop::Loop& loop) {
  End& end = ends_[side];
  end.user = nullptr;
  if (end.armed()) end.loop->cancel_timer(end);
  return attach(side, loop);
}

void MemoryConnection::start(std::size_t side, ChannelUser& user) {
  End& end = ends_[side];
  end.user = &user;
  if (broken_) return tell_closed(side, "the connection broke");
  arm(end);
}

std::size_t MemoryConnection::write(std::size_t side, std::span<const std::byte> octets) {
  End& end = ends_[side];
  End& reader = other(end);
  // Octets for a closed reader are dropped, as those for a socket that was reset.
  if (broken_ || reader.closed) {
    end.written += octets.size();
    return octets.size();
  }
  const std::size_t room =
      conditions_->faults.capacity - std::min(conditions_->faults.capacity, reader.incoming_octets);
  const std::size_t taken = std::min(room, octets.size());
  if (taken < octets.size()) reader.writer_waits = true;
  if (taken == 0) return 0;
  end.loop->refresh();
  Instant due = end.loop->now() + conditions_->delay();
  if (!reader.incoming.empty()) due = std::max(due, reader.incoming.back().due);
  const auto part = octets.first(taken);
  reader.incoming.push_back({due, Bytes(part.begin(), part.end())});
  reader.incoming_octets += taken;
  end.written += taken;
  arm(reader);
  return taken;
}

void MemoryConnection::close(std::size_t side) {
  End& end = ends_[side];
  if (std::exchange(end.closed, true)) return;
  end.user = nullptr;
  end.incoming.clear();
  if (end.armed()) end.loop->cancel_timer(end);
  End& reader = other(end);
  if (broken_ || reader.closed || reader.loop == nullptr) return;
  Instant due = end.loop->now() + conditions_->delay();
  if (!reader.incoming.empty()) due = std::max(due, reader.incoming.back().due);
  reader.incoming.push_back({due, {}});
  arm(reader);
}

void MemoryConnection::arm(End& end) {
  if (end.user == nullptr || end.armed() || end.incoming.empty()) return;
  end.loop->start_timer(end, end.incoming.front().due);
}

void MemoryConnection::resume() {
  for (End& end : ends_) arm(end);
}

void MemoryConnection::End::fired(loop::Timer& timer) {
  auto& end = static_cast<End&>(timer);
  // Whoever is told of the end may release the last pointer to this connection.
  const auto connection = end.connection->shared_from_this();
  connection->arrive(end);
}

void MemoryConnection::arrive(End& end) {
  if (conditions_->is_cut(other(end).host, end.host)) return;
  if (conditions_->breaks()) return break_off();
  const Instant now = end.loop->now();
  deliver(end);
  acknowledge(other(end), now);
  // Octets that come in carry an acknowledgement, as TCP's segments do.
  acknowledge(end, now);
  arm(end);
}

void MemoryConnection::acknowledge(End& writer, Instant now) {
  const End& reader = other(writer);
  if (conditions_->is_cut(reader.host, writer.host)) return;
  writer.acknowledged = reader.received;
  writer.acknowledged_at = now;
}

std::chrono::milliseconds MemoryConnection::unacknowledged(std::size_t side) {
  const End& end = ends_[side];
  if (end.acknowledged == end.written) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(end.loop->now() - end.acknowledged_at);
}

void MemoryConnection::deliver(End& end) {
  const Instant now = end.loop->now();
  while (end.user != nullptr && !end.incoming.empty() && end.incoming.front().due <= now) {
    const Chunk chunk = std::move(end.incoming.front());
    end.incoming.pop_front();
    if (chunk.octets.empty()) {
      ChannelUser& user = *std::exchange(end.user, nullptr);
      return user.on_closed("the peer closed the connection");
    }
    end.incoming_octets -= chunk.octets.size();
    end.received += chunk.octets.size();
    give_input(end, chunk.octets);
  }
  if (!std::exchange(end.writer_waits, false)) return;
  End& writer = other(end);
  writer.loop->call([weak = weak_from_this(), side = writer.side] {
    const auto connection = weak.lock();
    if (connection && connection->ends_[side].user != nullptr) connection->ends_[side].user->on_writable();
  });
}

void MemoryConnection::give_input(End& end, std::span<const std::byte> octets) {
  while (!octets.empty() && end.user != nullptr) {
    const auto space = end.user->input_space();
    const std::size_t size = std::min(space.size(), octets.size());
    std::memcpy(space.data(), octets.data(), size);
    octets = octets.subspan(size);
    end.user->on_input(size);
  }
}

void MemoryConnection::tell_closed(std::size_t side, const std::string& why) {
  End& end = ends_[side];
  if (end.user == nullptr) return;
  end.loop->call([weak = weak_from_this(), side, why] {
    const auto connection = weak.lock();
    if (!connection || connection->ends_[side].user == nullptr) return;
    std::exchange(connection->ends_[side].user, nullptr)->on_closed(why);
  });
}

void MemoryConnection::break_off() {
  broken_ = true;
  for (End& end : ends_) {
    end.incoming.clear();
    if (end.armed()) end.loop->cancel_timer(end);
    tell_closed(end.side, "the connection broke");
  }
}

}  // namespace troupe::transport::detail
