#include <troupe/transport/memory_network.hpp>

#include <algorithm>
#include <list>
#include <utility>
#include <vector>

#include <troupe/transport/detail/network/memory_connection.hpp>

namespace troupe::transport {

using detail::MemoryConditions;
using detail::MemoryConnection;

namespace {

constexpr std::uint16_t first_free_port = 40'000;

struct Bound {
  std::string host;
  loop::Loop* loop;
  Network::OnAccept on_accept;
};

}  // namespace

struct MemoryNetwork::Parts : std::enable_shared_from_this<MemoryNetwork::Parts> {
  class Host;
  class Bind;
  struct Attempt;

  std::shared_ptr<MemoryConditions> conditions = std::make_shared<MemoryConditions>();
  std::map<std::string, std::unique_ptr<Network>> hosts;
  std::map<std::string, std::shared_ptr<Bound>> listeners;
  std::vector<std::weak_ptr<MemoryConnection>> connections;
  std::list<std::unique_ptr<Attempt>> attempts;
  std::uint16_t next_port = first_free_port;

  ~Parts();
  void proceed(Attempt& attempt);
  void end(Attempt& attempt, std::shared_ptr<Channel> channel, const std::string& why);
  void each_connection(const std::function<void(MemoryConnection&)>& visit) const {
    const auto all = connections;
    for (const auto& weak : all) {
      if (const auto connection = weak.lock()) visit(*connection);
    }
  }
  std::shared_ptr<Channel> connect(const std::string& from, loop::Loop& loop, const std::shared_ptr<Bound>& to);
};

/// One attempt to connect: a time for the way there, and another one where nothing comes back.
struct MemoryNetwork::Parts::Attempt : loop::Timer {
  Attempt()
      : Timer([](loop::Timer& timer) {
          auto& attempt = static_cast<Attempt&>(timer);
          attempt.parts->proceed(attempt);
        }) {}
  ~Attempt() {
    if (armed()) loop->cancel_timer(*this);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  Parts* parts = nullptr;
  std::string from;
  std::string to;
  loop::Loop* loop = nullptr;
  std::chrono::milliseconds limit{};
  Network::OnConnect done;
  bool unanswered = false;
};

MemoryNetwork::Parts::~Parts() = default;

class MemoryNetwork::Parts::Bind final : public Listener {
 public:
  Bind(std::weak_ptr<Parts> parts, LinkAddress address) : parts_(std::move(parts)), address_(std::move(address)) {}
  ~Bind() override {
    if (const auto parts = parts_.lock()) parts->listeners.erase(to_string(address_));
  }
  Bind(const Bind&) = delete;
  Bind& operator=(const Bind&) = delete;
  LinkAddress address() const override { return address_; }

 private:
  std::weak_ptr<Parts> parts_;
  LinkAddress address_;
};

class MemoryNetwork::Parts::Host final : public Network {
 public:
  Host(Parts& parts, std::string name) : parts_(parts), name_(std::move(name)) {}

  std::unique_ptr<Listener> listen(const LinkAddress& wanted, loop::Loop& loop, OnAccept on_accept) override {
    LinkAddress address = wanted;
    if (!address.is_unix() && address.port == 0) address.port = parts_.next_port++;
    const auto [place, is_new] = parts_.listeners.try_emplace(to_string(address));
    if (!is_new) throw ListenError("cannot listen for links on " + to_string(address) + ": it is taken");
    place->second = std::make_shared<Bound>(Bound{name_, &loop, std::move(on_accept)});
    return std::make_unique<Bind>(parts_.weak_from_this(), address);
  }

  void connect(const LinkAddress& address, loop::Loop& loop, std::chrono::milliseconds limit, OnConnect done) override {
    auto attempt = std::make_unique<Attempt>();
    attempt->parts = &parts_;
    attempt->from = name_;
    attempt->to = to_string(address);
    attempt->loop = &loop;
    attempt->limit = limit;
    attempt->done = std::move(done);
    loop.start_timer(*attempt, loop.now() + parts_.conditions->delay());
    parts_.attempts.push_back(std::move(attempt));
  }

  Nonce nonce(loop::Loop& loop) override {
    Nonce nonce{};
    for (std::byte& octet : nonce) octet = static_cast<std::byte>(loop.random());
    return nonce;
  }

 private:
  Parts& parts_;
  const std::string name_;
};

std::shared_ptr<Channel> MemoryNetwork::Parts::connect(const std::string& from, loop::Loop& loop,
                                                       const std::shared_ptr<Bound>& to) {
  auto connection = std::make_shared<MemoryConnection>(conditions, std::array{from, to->host});
  std::erase_if(connections, [](const auto& weak) { return weak.expired(); });
  connections.push_back(connection);
  to->loop->call([channel = connection->attach(1, *to->loop), weak = std::weak_ptr(to)] {
    const auto bound = weak.lock();
    if (!bound) return channel->close();
    bound->on_accept(channel);
  });
  return connection->attach(0, loop);
}

void MemoryNetwork::Parts::proceed(Attempt& attempt) {
  if (attempt.unanswered) return end(attempt, nullptr, "it does not answer in time");
  const auto found = listeners.find(attempt.to);
  if (found == listeners.end()) return end(attempt, nullptr, "Connection refused");
  const std::shared_ptr<Bound> bound = found->second;
  if (!conditions->is_cut(attempt.from, bound->host) && !conditions->is_cut(bound->host, attempt.from)) {
    return end(attempt, connect(attempt.from, *attempt.loop, bound), {});
  }
  attempt.unanswered = true;
  attempt.loop->start_timer(attempt, attempt.loop->now() + attempt.limit);
}

void MemoryNetwork::Parts::end(Attempt& attempt, std::shared_ptr<Channel> channel, const std::string& why) {
  const auto done = std::move(attempt.done);
  std::erase_if(attempts, [&](const auto& each) { return each.get() == &attempt; });
  done(std::move(channel), why);
}

MemoryNetwork::MemoryNetwork(std::uint64_t seed) : MemoryNetwork(seed, Faults{}) {}

MemoryNetwork::MemoryNetwork(std::uint64_t seed, Faults faults) : parts_(std::make_shared<Parts>()) {
  parts_->conditions->generator.seed(seed);
  parts_->conditions->faults = faults;
}

MemoryNetwork::~MemoryNetwork() = default;

Network& MemoryNetwork::host(const std::string& name) {
  auto& host = parts_->hosts[name];
  if (!host) host = std::make_unique<Parts::Host>(*parts_, name);
  return *host;
}

void MemoryNetwork::set_faults(Faults faults) { parts_->conditions->faults = faults; }

void MemoryNetwork::cut_one_way(const std::string& from, const std::string& to) {
  parts_->conditions->cuts.insert({from, to});
}

void MemoryNetwork::cut(const std::string& one, const std::string& other) {
  cut_one_way(one, other);
  cut_one_way(other, one);
}

void MemoryNetwork::heal(const std::string& one, const std::string& other) {
  parts_->conditions->cuts.erase({one, other});
  parts_->conditions->cuts.erase({other, one});
  parts_->each_connection([](MemoryConnection& connection) { connection.resume(); });
}

void MemoryNetwork::crash(const std::string& name) {
  parts_->each_connection([&](MemoryConnection& connection) {
    if (connection.joins(name)) connection.break_off();
  });
}

std::size_t MemoryNetwork::open_connections() const {
  return static_cast<std::size_t>(std::ranges::count_if(parts_->connections, [](const auto& weak) {
    const auto connection = weak.lock();
    return connection && connection->is_open();
  }));
}

}  // namespace troupe::transport
