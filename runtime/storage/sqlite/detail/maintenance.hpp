#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include <troupe/loop/worker.hpp>

namespace troupe::storage::sqlite {

/// Runs slow housekeeping of all stores of a node on one thread, which is made when first used.
class Maintenance {
 public:
  /// A store cancels it before the store ends, so that no job touches the store afterwards.
  class CancellationToken {
   public:
    /// Waits for the job that is running, and keeps later ones from running.
    void cancel();

   private:
    friend class Maintenance;
    std::mutex running_;
    bool cancelled_ = false;
  };

  explicit Maintenance(loop::WorkerFactory& workers) : workers_(workers) {}

  /// Runs the job later, unless the token is cancelled before.
  void post(std::shared_ptr<CancellationToken> token, std::function<void()> job);

 private:
  loop::WorkerFactory& workers_;
  std::mutex making_;
  std::unique_ptr<loop::Worker> worker_;
};

}  // namespace troupe::storage::sqlite
