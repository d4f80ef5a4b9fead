#pragma once

#include <troupe/loop/loop.hpp>

namespace troupe::engine {

/// Of an actor that runs on one loop for its whole life: the scheduler of this engine looks for it.
class Homed {
 public:
  explicit Homed(loop::Loop& home) : home_(home) {}
  virtual ~Homed() = default;
  Homed(const Homed&) = delete;
  Homed& operator=(const Homed&) = delete;
  loop::Loop& home() const { return home_; }

 private:
  loop::Loop& home_;
};

}  // namespace troupe::engine
