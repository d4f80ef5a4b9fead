#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include <troupe/loop/worker.hpp>

namespace troupe::storage::sqlite {

/// The thread, made when first used, on which all stores of a node have their slow housekeeping done.
class Maintenance {
 public:
  /// Ties jobs to the life of the store that they touch.
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
