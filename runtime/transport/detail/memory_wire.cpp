#include <troupe/transport/detail/memory_wire.hpp>

#include <algorithm>
#include <cstring>

namespace troupe::transport::detail {
namespace {

class MemoryChannel final : public Channel {
 public:
  MemoryChannel(std::shared_ptr<MemoryWire> wire, std::size_t side) : wire_(std::move(wire)), side_(side) {}
  ~MemoryChannel() override { close(); }
  MemoryChannel(const MemoryChannel&) = delete;
  MemoryChannel& operator=(const MemoryChannel&) = delete;

  void start(ChannelUser& user) override { wire_->start(side_, user); }
  std::size_t write(std::span<const std::byte> octets) override { return wire_ ? wire_->write(side_, octets) : 0; }
  void close() override {
    if (const auto wire = std::exchange(wire_, nullptr)) wire->close(side_);
  }
  Reach reach() const override { return Reach::local; }
  std::chrono::milliseconds unacknowledged() override {
    return wire_ ? wire_->unacknowledged(side_) : std::chrono::milliseconds{};
  }
  /// What is written waits for a reader without a cost, and nobody sees a wire that both ends have closed.
  void give_up_after(std::chrono::milliseconds) override {}
  void move_to(engine::Loop& loop, std::function<void(std::shared_ptr<Channel>)> then) override {
    auto moved = std::exchange(wire_, nullptr)->move(side_, loop);
    loop.call([moved = std::move(moved), then = std::move(then)] { then(moved); });
  }

 private:
  std::shared_ptr<MemoryWire> wire_;
  const std::size_t side_;
};

}  // namespace

std::chrono::microseconds MemoryWeather::delay() {
  const auto span = (faults.longest_delay - faults.shortest_delay).count();
  if (span <= 0) return faults.shortest_delay;
  return faults.shortest_delay + std::chrono::microseconds(generator() % static_cast<std::uint64_t>(span + 1));
}

bool MemoryWeather::breaks() {
  // Not a distribution of the standard library: those differ between its makers.
  return faults.break_chance > 0 && static_cast<double>(generator() >> 11) * 0x1p-53 < faults.break_chance;
}

MemoryWire::MemoryWire(std::shared_ptr<MemoryWeather> weather, std::array<std::string, 2> hosts)
    : weather_(std::move(weather)) {
  for (std::size_t side = 0; side < 2; ++side) {
    ends_[side].wire = this;
    ends_[side].side = side;
    ends_[side].host = std::move(hosts[side]);
  }
}

MemoryWire::~MemoryWire() {
  for (End& end : ends_) {
    if (end.armed()) end.loop->cancel_timer(end);
  }
}

std::shared_ptr<Channel> MemoryWire::attach(std::size_t side, engine::Loop& loop) {
  ends_[side].loop = &loop;
  return std::make_shared<MemoryChannel>(shared_from_this(), side);
}

std::shared_ptr<Channel> MemoryWire::move(std::size_t side, engine::Loop& loop) {
  End& end = ends_[side];
  end.user = nullptr;
  if (end.armed()) end.loop->cancel_timer(end);
  return attach(side, loop);
}

void MemoryWire::start(std::size_t side, ChannelUser& user) {
  End& end = ends_[side];
  end.user = &user;
  if (broken_) return tell_closed(side, "the connection broke");
  arm(end);
}

std::size_t MemoryWire::write(std::size_t side, std::span<const std::byte> octets) {
  End& end = ends_[side];
  End& reader = other(end);
  // Where nobody reads any more, octets go as they do into a socket that has been reset.
  if (broken_ || reader.closed) {
    end.written += octets.size();
    return octets.size();
  }
  const std::size_t room = weather_->faults.capacity - std::min(weather_->faults.capacity, reader.incoming_octets);
  const std::size_t taken = std::min(room, octets.size());
  if (taken < octets.size()) reader.writer_waits = true;
  if (taken == 0) return 0;
  end.loop->refresh();
  Instant due = end.loop->now() + weather_->delay();
  if (!reader.incoming.empty()) due = std::max(due, reader.incoming.back().due);
  const auto part = octets.first(taken);
  reader.incoming.push_back({due, Bytes(part.begin(), part.end())});
  reader.incoming_octets += taken;
  end.written += taken;
  arm(reader);
  return taken;
}

void MemoryWire::close(std::size_t side) {
  End& end = ends_[side];
  if (std::exchange(end.closed, true)) return;
  end.user = nullptr;
  end.incoming.clear();
  if (end.armed()) end.loop->cancel_timer(end);
  End& reader = other(end);
  if (broken_ || reader.closed || reader.loop == nullptr) return;
  Instant due = end.loop->now() + weather_->delay();
  if (!reader.incoming.empty()) due = std::max(due, reader.incoming.back().due);
  reader.incoming.push_back({due, {}});
  arm(reader);
}

void MemoryWire::arm(End& end) {
  if (end.user == nullptr || end.armed() || end.incoming.empty()) return;
  end.loop->start_timer(end, end.incoming.front().due);
}

void MemoryWire::resume() {
  for (End& end : ends_) arm(end);
}

void MemoryWire::End::fired(engine::Timer& timer) {
  auto& end = static_cast<End&>(timer);
  // The wire may be let go of by whoever hears of its end.
  const auto wire = end.wire->shared_from_this();
  wire->arrive(end);
}

void MemoryWire::arrive(End& end) {
  if (weather_->is_cut(other(end).host, end.host)) return;
  if (weather_->breaks()) return break_off();
  const Instant now = end.loop->now();
  deliver(end);
  acknowledge(other(end), now);
  // What comes in says how much has come there.
  acknowledge(end, now);
  arm(end);
}

void MemoryWire::acknowledge(End& writer, Instant now) {
  const End& reader = other(writer);
  if (weather_->is_cut(reader.host, writer.host)) return;
  writer.acknowledged = reader.received;
  writer.acknowledged_at = now;
}

std::chrono::milliseconds MemoryWire::unacknowledged(std::size_t side) {
  const End& end = ends_[side];
  if (end.acknowledged == end.written) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(end.loop->now() - end.acknowledged_at);
}

void MemoryWire::deliver(End& end) {
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
    hand_over(end, chunk.octets);
  }
  if (!std::exchange(end.writer_waits, false)) return;
  End& writer = other(end);
  writer.loop->call([weak = weak_from_this(), side = writer.side] {
    const auto wire = weak.lock();
    if (wire && wire->ends_[side].user != nullptr) wire->ends_[side].user->on_writable();
  });
}

void MemoryWire::hand_over(End& end, std::span<const std::byte> octets) {
  while (!octets.empty() && end.user != nullptr) {
    const auto space = end.user->input_space();
    const std::size_t size = std::min(space.size(), octets.size());
    std::memcpy(space.data(), octets.data(), size);
    octets = octets.subspan(size);
    end.user->on_input(size);
  }
}

void MemoryWire::tell_closed(std::size_t side, const std::string& why) {
  End& end = ends_[side];
  if (end.user == nullptr) return;
  end.loop->call([weak = weak_from_this(), side, why] {
    const auto wire = weak.lock();
    if (!wire || wire->ends_[side].user == nullptr) return;
    std::exchange(wire->ends_[side].user, nullptr)->on_closed(why);
  });
}

void MemoryWire::break_off() {
  broken_ = true;
  for (End& end : ends_) {
    end.incoming.clear();
    if (end.armed()) end.loop->cancel_timer(end);
    tell_closed(end.side, "the connection broke");
  }
}

}  // namespace troupe::transport::detail
