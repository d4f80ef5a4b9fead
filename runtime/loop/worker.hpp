#pragma once

#include <functional>
#include <memory>
#include <string>

namespace troupe::loop {

/// One thread of its own for work that blocks (a database's writer); jobs run in order, one at a time.
///
/// In a simulation there is no thread: jobs run on virtual time, between the loops' rounds.
/// Threads: `post` from anywhere. The destructor ends the jobs posted so far, then the thread.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual void post(std::function<void()> job) = 0;
};

/// Makes workers; the only source of threads outside this folder.
class WorkerFactory {
 public:
  virtual ~WorkerFactory() = default;
  virtual std::unique_ptr<Worker> make(std::string name) = 0;
};

/// A WorkerFactory of real threads.
std::unique_ptr<WorkerFactory> thread_workers();

}  // namespace troupe::loop
