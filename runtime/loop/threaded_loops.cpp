#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include <troupe/loop/detail/cores.hpp>
#include <troupe/loop/loop_driver.hpp>

namespace troupe::loop {

namespace asio = boost::asio;

namespace {

/// A loop on an io_context. Its rounds are handlers among those of the sockets, so neither starves the other.
class AsioLoop final : public Loop {
 public:
  explicit AsioLoop(std::size_t index)
      : Loop(index, system_clock(), system_chance()), guard_(io_.get_executor()), timer_(io_) {}

  asio::io_context& io() { return io_; }
  ThreadProbe& probe() { return probe_; }

  void start() {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), ("loop-" + std::to_string(index())).c_str());
      const Entered entered(*this);
      const ThreadProbe::Attachment attachment(probe_, activity_source());
      io_.run();
    });
  }
  void stop() {
    guard_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  void drop() { drop_jobs(); }

 protected:
  void wake() override {
    if (!awake_.exchange(true, std::memory_order_acq_rel)) asio::post(io_, [this] { round(); });
  }

 private:
  void round() {
    awake_.store(false, std::memory_order_release);
    if (run_round()) return wake();
    sleep_until_timer();
  }

  void sleep_until_timer() {
    const auto due = next_timer();
    // A timer that was set for an earlier deadline only wakes once for nothing.
    if (!due || (sleeping_until_ && *sleeping_until_ <= *due)) return;
    sleeping_until_ = due;
    timer_.expires_at(*due);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      sleeping_until_.reset();
      wake();
    });
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  asio::steady_timer timer_;
  std::optional<Instant> sleeping_until_;
  std::atomic<bool> awake_{false};
  ThreadProbe probe_;
  std::thread thread_;
};

}  // namespace

struct ThreadedLoops::Parts {
  std::vector<std::unique_ptr<AsioLoop>> loops;
  std::unique_ptr<WorkerFactory> workers = thread_workers();
};

ThreadedLoops::ThreadedLoops(std::size_t loops) : parts_(std::make_unique<Parts>()) {
  if (loops == 0) loops = detail::usable_cores();
  for (std::size_t i = 0; i < loops; ++i) parts_->loops.push_back(std::make_unique<AsioLoop>(i));
}

ThreadedLoops::~ThreadedLoops() { stop(); }

std::size_t ThreadedLoops::size() const { return parts_->loops.size(); }
Loop& ThreadedLoops::loop(std::size_t index) { return *parts_->loops[index]; }
WorkerFactory& ThreadedLoops::workers() { return *parts_->workers; }
std::size_t ThreadedLoops::blocking_threads() const { return detail::usable_cores(); }
asio::io_context& ThreadedLoops::io(std::size_t index) { return parts_->loops[index]->io(); }
ThreadProbe& ThreadedLoops::probe(std::size_t index) { return parts_->loops[index]->probe(); }

void ThreadedLoops::start() {
  for (auto& loop : parts_->loops) loop->start();
}

void ThreadedLoops::stop() {
  for (auto& loop : parts_->loops) loop->stop();
}

void ThreadedLoops::drop_jobs() {
  for (auto& loop : parts_->loops) loop->drop();
}

bool ThreadedLoops::run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace troupe::loop
