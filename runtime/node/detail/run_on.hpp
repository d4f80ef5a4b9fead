#pragma once

#include <exception>
#include <future>

#include <troupe/loop/loop.hpp>

namespace troupe::node {

/// Runs `f` on a loop and waits for it; what it throws is thrown here. Threads: any but a loop's.
template <class F>
void run_on(loop::Loop& loop, F f) {
  std::promise<void> done;
  auto waiting = done.get_future();
  loop.call([&done, &f] {
    try {
      f();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  waiting.get();
}

}  // namespace troupe::node
