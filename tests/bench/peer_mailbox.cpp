/// The limit of a message: actors of our own on one thread with nothing but what a mailbox cannot do without. An
/// envelope is allocated, pushed on a lock-free mailbox that any thread may push on, its actor is put on the run queue,
/// a virtual call handles it, and the answer travels back the same way. A call is two messages.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>

#include "tests/bench/sample.hpp"

using namespace troupe::bench;

namespace {

class Actor;

struct Envelope {
  Actor* sender = nullptr;
  std::uint64_t number = 0;
  Envelope* next = nullptr;
};

using RunQueue = std::deque<Actor*>;

class Actor {
 public:
  explicit Actor(RunQueue& run_queue) : run_queue_(run_queue) {}
  virtual ~Actor() = default;
  virtual void handle(const Envelope& message) = 0;

  void send(Actor* sender, std::uint64_t number) {
    auto* envelope = new Envelope{sender, number, nullptr};
    Envelope* newest = newest_.load(std::memory_order_relaxed);
    do {
      envelope->next = newest;
    } while (!newest_.compare_exchange_weak(newest, envelope, std::memory_order_release, std::memory_order_relaxed));
    if (newest == nullptr) run_queue_.push_back(this);
  }

  /// Handles what has arrived, oldest first.
  void run() {
    Envelope* newest = newest_.exchange(nullptr, std::memory_order_acquire);
    Envelope* oldest = nullptr;
    while (newest != nullptr) newest = std::exchange(newest->next, std::exchange(oldest, newest));
    while (oldest != nullptr) {
      const std::unique_ptr<Envelope> message(oldest);
      oldest = message->next;
      handle(*message);
    }
  }

 private:
  RunQueue& run_queue_;
  std::atomic<Envelope*> newest_{nullptr};
};

class Replier : public Actor {
 public:
  using Actor::Actor;
  void handle(const Envelope& message) override { message.sender->send(this, message.number + 1); }
};

class Asker : public Actor {
 public:
  Asker(RunQueue& run_queue, Replier& replier, std::uint64_t calls)
      : Actor(run_queue), replier_(replier), calls_(calls) {}
  void ask() {
    ++asked_;
    replier_.send(this, asked_);
  }
  void handle(const Envelope&) override {
    if (asked_ < calls_) ask();
  }

 private:
  Replier& replier_;
  std::uint64_t calls_;
  std::uint64_t asked_ = 0;
};

double nanoseconds_per_call(std::uint64_t calls, std::uint64_t in_flight) {
  RunQueue run_queue;
  Replier replier(run_queue);
  Asker asker(run_queue, replier, calls);
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < in_flight; ++i) asker.ask();
  while (!run_queue.empty()) {
    Actor* actor = run_queue.front();
    run_queue.pop_front();
    actor->run();
  }
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - begin;
  return elapsed.count() / static_cast<double>(calls);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t calls = 10'000'000;
  CLI::App options("Measures a request and its reply between two minimal actors on one thread.");
  options.add_option("--calls", calls)->check(CLI::PositiveNumber);
  CLI11_PARSE(options, argc, argv);
  nanoseconds_per_call(calls / 10 + 1, 100);
  print_sample({"same_thread_1", nanoseconds_per_call(calls, 1), "ns"});
  print_sample({"same_thread_100", nanoseconds_per_call(calls, 100), "ns"});
}
