#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include <troupe/loop/loop.hpp>
#include <troupe/loop/thread_probe.hpp>
#include <troupe/loop/worker.hpp>

namespace boost::asio {
class io_context;
}

namespace troupe::loop {

/// What runs the loops of one node: threads, or a simulation.
class LoopDriver {
 public:
  virtual ~LoopDriver() = default;

  virtual std::size_t size() const = 0;
  virtual Loop& loop(std::size_t index) = 0;
  virtual WorkerFactory& workers() = 0;
  /// Threads for blocking work; 0: it runs on the loop's time.
  virtual std::size_t blocking_threads() const = 0;

  virtual void start() = 0;
  /// Lets the loops run until the condition holds or the time is over; false: it does not hold.
  virtual bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) = 0;
  /// Ends the threads. What is queued stays, and is dropped with the loops.
  virtual void stop() = 0;
  /// Drops what is queued; after stop().
  virtual void drop_jobs() = 0;
};

/// One thread for each loop, each with an Asio io_context that runs its sockets as well.
/// `loops` 0: as many as there are cores.
class ThreadedLoops final : public LoopDriver {
 public:
  explicit ThreadedLoops(std::size_t loops);
  ~ThreadedLoops() override;

  std::size_t size() const override;
  Loop& loop(std::size_t index) override;
  WorkerFactory& workers() override;
  std::size_t blocking_threads() const override;
  void start() override;
  bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) override;
  void stop() override;
  void drop_jobs() override;

  /// For sockets that live on a loop.
  boost::asio::io_context& io(std::size_t index);
  /// Asks a loop's thread where it is, as long as it runs.
  ThreadProbe& probe(std::size_t index);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::loop
