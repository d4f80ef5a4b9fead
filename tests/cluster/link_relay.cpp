#include "tests/cluster/link_relay.hpp"

#include <linux/filter.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <list>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/transport/address.hpp>
#include "tests/cluster/frame_cursor.hpp"
#include "tests/shop/background.hpp"

namespace shop::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

const tcp::endpoint loopback(asio::ip::address_v4::loopback(), 0);

std::string to_text(const tcp::endpoint& endpoint) {
  return endpoint.address().to_string() + ':' + std::to_string(endpoint.port());
}

tcp::endpoint endpoint_of(const std::string& address) {
  return {loopback.address(), troupe::transport::parse_link_address(address)->port};
}

void close(tcp::socket& socket, Ending ending) {
  error_code gone;
  if (ending == Ending::reset) socket.set_option(asio::socket_base::linger(true, 0), gone);
  socket.close(gone);
}

/// What comes is dropped before TCP sees it, and nothing of it acknowledged.
bool go_deaf(tcp::socket& socket) {
  sock_filter take_nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog filter{1, &take_nothing};
  return ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

struct Counters {
  std::size_t torn = 0;
  std::size_t turned_away = 0;
};

/// What all connections of one way do.
struct Course {
  bool holds = false;
  std::optional<Refusal> refuses;
};

/// One connection between two nodes: the part of it that the dialer sees, and the part that the other sees.
class Connected : public std::enable_shared_from_this<Connected> {
 public:
  Connected(tcp::socket dialer, const Course& course, Counters& counters)
      : dialer_(std::move(dialer)), dialed_(dialer_.get_executor()), course_(course), counters_(counters) {}

  void start(const tcp::endpoint& target) {
    dialed_.async_connect(target, [self = shared_from_this()](error_code error) {
      if (self->ended_) return;
      if (error) return self->end(Ending::reset);
      for (tcp::socket* socket : {&self->dialer_, &self->dialed_}) socket->set_option(tcp::no_delay(true), error);
      self->read(self->there_);
      self->read(self->back_);
    });
  }
  bool ended() const { return ended_; }
  void end(Ending ending) {
    if (std::exchange(ended_, true)) return;
    close(dialer_, ending);
    close(dialed_, ending);
  }
  void tear_after(std::size_t octets) { there_.left = back_.left = octets; }
  bool lose() {
    lost_ = true;
    return go_deaf(dialer_) && go_deaf(dialed_);
  }
  void pass_on() {
    if (lost_) return end(Ending::reset);
    pass_on(there_);
    pass_on(back_);
  }
  std::size_t held() const { return there_.kept.size() + back_.kept.size(); }

 private:
  struct Direction {
    tcp::socket& from;
    tcp::socket& to;
    FrameCursor cursor = {};
    std::optional<std::size_t> left = {};  ///< octets until it is torn
    std::vector<std::uint8_t> kept = {};
    std::vector<std::uint8_t> leaving = {};
    bool over = false;  ///< nothing more is read
    std::array<std::uint8_t, 16 << 10> buffer = {};
  };

  void read(Direction& way) {
    way.from.async_read_some(asio::buffer(way.buffer),
                             [self = shared_from_this(), &way](error_code error, std::size_t size) {
                               if (self->ended_) return;
                               way.over = static_cast<bool>(error);
                               self->take(way, size);
                               self->pass_on(way);
                               if (!way.over && !self->ended_) self->read(way);
                             });
  }

  void take(Direction& way, std::size_t size) {
    for (std::size_t i = 0; i < size && !way.over; ++i) {
      way.cursor.pass(way.buffer[i]);
      way.kept.push_back(way.buffer[i]);
      if (way.left && *way.left > 0) --*way.left;
      if (way.left != 0U || !way.cursor.is_inside()) continue;
      way.over = true;
      ++counters_.torn;
    }
  }

  void pass_on(Direction& way) {
    if (ended_ || course_.holds || !way.leaving.empty()) return;
    if (way.kept.empty()) {
      if (way.over) end(Ending::in_order);
      return;
    }
    way.leaving = std::exchange(way.kept, {});
    asio::async_write(way.to, asio::buffer(way.leaving), [self = shared_from_this(), &way](error_code error, auto) {
      if (self->ended_) return;
      way.leaving.clear();
      error ? self->end(Ending::reset) : self->pass_on(way);
    });
  }

  tcp::socket dialer_;
  tcp::socket dialed_;
  const Course& course_;
  Counters& counters_;
  bool ended_ = false;
  bool lost_ = false;
  Direction there_{dialer_, dialed_};
  Direction back_{dialed_, dialer_};
};

/// From one node to another that it dials.
class Way {
 public:
  Way(asio::io_context& io, Wire wire, tcp::endpoint target, Counters& counters)
      : wire_(std::move(wire)), target_(std::move(target)), counters_(counters), reserved_(io), acceptor_(io) {
    reserved_.open(tcp::v4());
    reserved_.set_option(asio::socket_base::reuse_address(true));
    reserved_.bind(loopback);
    listen();
  }

  std::string address() const { return to_text(reserved_.local_endpoint()); }
  bool belongs_to(const Wire& wire) const {
    return (wire.one == wire_.one && wire.other == wire_.other) || (wire.one == wire_.other && wire.other == wire_.one);
  }

  std::list<std::shared_ptr<Connected>>& connections() {
    connections_.remove_if([](const auto& each) { return each->ended(); });
    return connections_;
  }
  void hold() { course_.holds = true; }
  void let_go() {
    course_.holds = false;
    for (const auto& each : connections()) each->pass_on();
  }
  void refuse(Refusal how) {
    course_.refuses = how;
    if (how == Refusal::nobody_listens) acceptor_.close();
  }
  void accept() {
    course_.refuses.reset();
    if (!acceptor_.is_open()) listen();
  }

 private:
  void listen() {
    acceptor_.open(tcp::v4());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(reserved_.local_endpoint());
    acceptor_.listen();
    wait_for_dialer();
  }

  void wait_for_dialer() {
    acceptor_.async_accept([this](error_code error, tcp::socket dialer) {
      if (error == asio::error::operation_aborted) return;
      if (!error) on_dialed(std::move(dialer));
      wait_for_dialer();
    });
  }

  void on_dialed(tcp::socket dialer) {
    if (course_.refuses) {
      ++counters_.turned_away;
      return close(dialer, Ending::reset);
    }
    connections().push_back(std::make_shared<Connected>(std::move(dialer), course_, counters_));
    connections_.back()->start(target_);
  }

  const Wire wire_;
  const tcp::endpoint target_;
  Counters& counters_;
  Course course_;
  tcp::acceptor reserved_;  ///< never listens: the port stays ours while nobody does
  tcp::acceptor acceptor_;
  std::list<std::shared_ptr<Connected>> connections_;
};

}  // namespace

class LinkRelay::Network {
 public:
  ~Network() {
    io_.stop();
    thread_.wait();
  }

  std::string add(Wire wire, const tcp::endpoint& target) {
    return on_thread([&] { return ways_.emplace_back(io_, std::move(wire), target, counters_).address(); });
  }
  /// Calls it with every way of the wire.
  template <class F>
  void with_ways(const Wire& wire, F visit) {
    on_thread([&] {
      for (Way& way : ways_) {
        if (way.belongs_to(wire)) visit(way);
      }
    });
  }
  template <class F>
  void with_connections(const Wire& wire, F visit) {
    with_ways(wire, [&](Way& way) {
      for (const auto& each : way.connections()) visit(*each);
    });
  }
  Counters counters() {
    return on_thread([&] { return counters_; });
  }

 private:
  template <class F>
  std::invoke_result_t<F> on_thread(F call) {
    std::packaged_task<std::invoke_result_t<F>()> task(std::move(call));
    auto result = task.get_future();
    asio::post(io_, [&task] { task(); });
    return result.get();
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  Counters counters_;
  std::list<Way> ways_;
  Background thread_{[this] { io_.run(); }};
};

LinkRelay::LinkRelay() : network_(std::make_unique<Network>()) {}

LinkRelay::~LinkRelay() = default;

std::string LinkRelay::open(const std::string& from, const std::string& to, const std::string& target) {
  return network_->add({from, to}, endpoint_of(target));
}

void LinkRelay::cut(const Wire& wire, Ending ending) {
  network_->with_connections(wire, [&](Connected& each) { each.end(ending); });
}

void LinkRelay::tear(const Wire& wire, std::size_t octets) {
  network_->with_connections(wire, [&](Connected& each) { each.tear_after(octets); });
}

void LinkRelay::hold(const Wire& wire) {
  network_->with_ways(wire, [](Way& way) { way.hold(); });
}

void LinkRelay::let_go(const Wire& wire) {
  network_->with_ways(wire, [](Way& way) { way.let_go(); });
}

bool LinkRelay::lose(const Wire& wire) {
  bool lost = true;
  network_->with_ways(wire, [](Way& way) { way.hold(); });
  network_->with_connections(wire, [&](Connected& each) { lost = each.lose() && lost; });
  return lost;
}

void LinkRelay::refuse(const Wire& wire, Refusal how) {
  network_->with_ways(wire, [&](Way& way) { way.refuse(how); });
}

void LinkRelay::accept(const Wire& wire) {
  network_->with_ways(wire, [](Way& way) { way.accept(); });
}

std::size_t LinkRelay::connections(const Wire& wire) {
  std::size_t count = 0;
  network_->with_connections(wire, [&](Connected&) { ++count; });
  return count;
}

std::size_t LinkRelay::held(const Wire& wire) {
  std::size_t octets = 0;
  network_->with_connections(wire, [&](const Connected& each) { octets += each.held(); });
  return octets;
}

std::size_t LinkRelay::torn() { return network_->counters().torn; }

std::size_t LinkRelay::turned_away() { return network_->counters().turned_away; }

}  // namespace shop::testing
