/// Links between two processes on loopback, beside a raw TCP ping-pong of the same octets on the same kind of loop. One
/// process serves, the other asks with 1, 64 and 512 in flight.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <vector>

#include <troupe/transport/links.hpp>
#include <troupe/transport/socket_network.hpp>
#include "tests/bench/process_usage.hpp"
#include "tests/bench/sample.hpp"
#include "tests/process/child_process.hpp"

using namespace troupe::bench;
using namespace troupe::transport;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Octets = std::vector<std::byte>;

constexpr std::uint64_t in_flight_counts[] = {1, 64, 512};
constexpr std::size_t buffer_size = 256 << 10;

Self self_named(const std::string& name, std::uint64_t instance) {
  Self self;
  self.identity = {Role::node, name, 1, troupe::Uuid{1, instance}};
  self.cluster = "bench";
  return self;
}

/// What a run of calls gave: how long each took with one in flight, and how long all took.
struct Run {
  std::vector<double> each_us;
  double seconds = 0;
};

class Echo final : public Receiver {
 public:
  Taken on_frame(Link& link, const Frame& frame) override {
    static_cast<void>(link.send({FrameType::reply, frame.flags, frame.request, frame.payload}));
    return Taken::done;
  }
  void on_lost(troupe::loop::Loop&, std::uint64_t, Fate, const std::string&) override {}
};

class RawEcho : public std::enable_shared_from_this<RawEcho> {
 public:
  explicit RawEcho(tcp::socket socket) : socket_(std::move(socket)), buffer_(buffer_size) {
    socket_.set_option(tcp::no_delay(true));
    socket_.non_blocking(true);
  }
  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return;
      asio::async_write(self->socket_, asio::buffer(self->buffer_.data(), size),
                        [self](error_code failed, std::size_t) {
                          if (!failed) self->read();
                        });
    });
  }

 private:
  tcp::socket socket_;
  Octets buffer_;
};

void accept_raw(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](error_code error, tcp::socket socket) {
    if (error) return;
    std::make_shared<RawEcho>(std::move(socket))->read();
    accept_raw(acceptor);
  });
}

/// Serves links and raw connections on one loop until it is told to stop.
void serve(const std::string& link_address) {
  troupe::loop::ThreadedLoops loops(1);
  SocketNetwork network(loops);
  Echo echo;
  Links links({&loops.loop(0)}, network, self_named("server", 1), echo);
  links.listen(link_address);
  tcp::acceptor acceptor(loops.io(0), {asio::ip::address_v4::loopback(), 0});
  accept_raw(acceptor);
  loops.start();
  std::cout << "link " << links.address() << "\nraw " << acceptor.local_endpoint().port() << std::endl;
  pause();
}

class Asker final : public Receiver {
 public:
  Asker(Peer& peer, troupe::loop::Loop& loop, std::size_t payload) : peer_(peer), loop_(loop), payload_(payload) {}

  Run run(std::uint64_t calls, std::uint64_t in_flight) {
    run_ = {};
    asked_ = ended_ = 0;
    calls_ = calls;
    timed_ = in_flight == 1;
    std::promise<void> done;
    done_ = &done;
    const auto begin = Clock::now();
    loop_.call([this, in_flight] {
      for (std::uint64_t i = 0; i < in_flight; ++i) ask();
    });
    done.get_future().get();
    run_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return std::move(run_);
  }

  Taken on_frame(Link&, const Frame&) override {
    if (timed_) run_.each_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - asked_at_).count());
    end();
    return Taken::done;
  }
  void on_lost(troupe::loop::Loop&, std::uint64_t, Fate, const std::string& why) override {
    std::cerr << "lost: " << why << '\n';
    end();
  }

 private:
  void ask() {
    if (asked_ == calls_) return;
    ++asked_;
    if (timed_) asked_at_ = Clock::now();
    if (peer_.send(loop_, 0, {FrameType::ask, 0, ++request_, payload_}) != SendResult::accepted) {
      std::cerr << "an ask was not accepted\n";
      std::_Exit(1);
    }
  }
  void end() {
    if (++ended_ == calls_) return done_->set_value();
    // From the loop's queue, as the coroutine of an actor goes on.
    loop_.defer({[](void* self, std::uint64_t) { static_cast<Asker*>(self)->ask(); }, this});
  }

  Peer& peer_;
  troupe::loop::Loop& loop_;
  const Octets payload_;
  Run run_;
  std::promise<void>* done_ = nullptr;
  std::uint64_t request_ = 0, asked_ = 0, ended_ = 0, calls_ = 0;
  bool timed_ = false;
  Clock::time_point asked_at_;
};

/// Asks as a raw socket would: everything that may be sent in one write, no frames, no credit, no heartbeats.
class RawAsker {
 public:
  RawAsker(asio::io_context& io, std::uint16_t port, std::size_t size)
      : socket_(io), size_(size), buffer_(buffer_size) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(tcp::no_delay(true));
    socket_.non_blocking(true);
  }

  Run run(std::uint64_t calls, std::uint64_t in_flight) {
    run_ = {};
    asked_ = 0;
    received_ = 0;
    calls_ = calls;
    timed_ = in_flight == 1;
    std::promise<void> done;
    done_ = &done;
    const auto begin = Clock::now();
    asio::post(socket_.get_executor(), [this, in_flight] {
      ask(in_flight);
      read();
    });
    done.get_future().get();
    run_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return std::move(run_);
  }

 private:
  void ask(std::uint64_t count) {
    count = std::min(count, calls_ - asked_);
    if (count == 0) return;
    asked_ += count;
    if (timed_) asked_at_ = Clock::now();
    out_.assign(count * size_, std::byte{1});
    asio::write(socket_, asio::buffer(out_));
  }
  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [this](error_code error, std::size_t size) {
      if (error) return;
      const std::uint64_t before = received_ / size_;
      received_ += size;
      const std::uint64_t ended = received_ / size_;
      if (timed_) run_.each_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - asked_at_).count());
      if (ended == calls_) return done_->set_value();
      ask(ended - before);
      read();
    });
  }

  tcp::socket socket_;
  const std::size_t size_;
  Octets buffer_, out_;
  Run run_;
  std::promise<void>* done_ = nullptr;
  std::uint64_t asked_ = 0, received_ = 0, calls_ = 0;
  bool timed_ = false;
  Clock::time_point asked_at_;
};

template <class A>
void measure(const std::string& name, A& asker, pid_t server, double seconds) {
  asker.run(20'000, 64);
  for (const std::uint64_t in_flight : in_flight_counts) {
    const Run trial = asker.run(5'000 * in_flight, in_flight);
    const auto calls =
        static_cast<std::uint64_t>(5'000.0 * static_cast<double>(in_flight) * seconds / trial.seconds) + 1;
    const auto cpu_before = process_cpu(server) + process_cpu(getpid());
    Run run = asker.run(calls, in_flight);
    const auto cpu = process_cpu(server) + process_cpu(getpid()) - cpu_before;
    const std::string row = name + '_' + std::to_string(in_flight);
    if (!run.each_us.empty()) {
      std::ranges::sort(run.each_us);
      print_sample({row + "_p50", run.each_us[run.each_us.size() / 2], "us"});
      print_sample({row + "_p99", run.each_us[run.each_us.size() * 99 / 100], "us"});
    }
    print_sample({row + "_rate", static_cast<double>(calls) / run.seconds, "calls/s"});
    print_sample(
        {row + "_cpu", std::chrono::duration<double, std::micro>(cpu).count() / static_cast<double>(calls), "us"});
  }
}

void ask(const std::string& program, std::size_t payload, double seconds) {
  troupe::process::ChildProcess server({.arguments = {program, "serve"}});
  const std::string link = server.require_line("link ", std::chrono::seconds(10)).substr(5);
  const auto raw_port =
      static_cast<std::uint16_t>(std::stoi(server.require_line("raw ", std::chrono::seconds(10)).substr(4)));

  struct Forward final : Receiver {
    Taken on_frame(Link& link, const Frame& frame) override { return to->on_frame(link, frame); }
    void on_lost(troupe::loop::Loop& loop, std::uint64_t request, Fate fate, const std::string& why) override {
      to->on_lost(loop, request, fate, why);
    }
    Asker* to = nullptr;
  } forward;
  troupe::loop::ThreadedLoops loops(1);
  SocketNetwork network(loops);
  Links links({&loops.loop(0)}, network, self_named("asker", 2), forward);
  Asker asker(links.add_peer("server", link), loops.loop(0), payload);
  forward.to = &asker;
  RawAsker raw(loops.io(0), raw_port, frame_header_size + payload);
  loops.start();
  measure("raw", raw, server.pid(), seconds);
  measure("link", asker, server.pid(), seconds);
  loops.stop();
}

}  // namespace

int main(int argc, char** argv) try {
  std::size_t payload = 52;
  double seconds = 2;
  CLI::App options("Measures frames over a link between two processes, beside raw TCP.");
  options.add_option("--payload", payload, "octets of an ask and of its reply")->check(CLI::Range(1, 1000));
  options.add_option("--seconds", seconds, "of each measurement")->check(CLI::PositiveNumber);
  CLI::App* serving = options.add_subcommand("serve", "the other end");
  CLI11_PARSE(options, argc, argv);
  if (serving->parsed()) {
    serve("127.0.0.1:0");
  } else {
    ask(argv[0], payload, seconds);
  }
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
