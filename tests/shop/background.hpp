#pragma once

#include <functional>
#include <thread>
#include <vector>

namespace shop::testing {

/// A call on a thread of its own, waited for at the end of this object. What it throws fails the test.
class Background {
 public:
  explicit Background(std::function<void()> call);
  ~Background();
  Background(Background&&) = default;
  Background& operator=(Background&&) = delete;

  void wait();

 private:
  std::thread thread_;
};

/// call(0) to call(count - 1), all at once.
void in_parallel(int count, const std::function<void(int)>& call);

}  // namespace shop::testing
