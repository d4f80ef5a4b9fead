#include "tests/shop/background.hpp"

#include <gtest/gtest.h>

#include <exception>

namespace shop::testing {

Background::Background(std::function<void()> call)
    : thread_([call = std::move(call)] {
        try {
          call();
        } catch (const std::exception& error) {
          ADD_FAILURE() << error.what();
        }
      }) {}

Background::~Background() { wait(); }

void Background::wait() {
  if (thread_.joinable()) thread_.join();
}

void in_parallel(int count, const std::function<void(int)>& call) {
  std::vector<Background> calls;
  for (int i = 0; i < count; ++i) calls.emplace_back([&call, i] { call(i); });
}

}  // namespace shop::testing
