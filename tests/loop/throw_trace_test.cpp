#include <troupe/loop/throw_trace.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <troupe/loop/simulation.hpp>
#include <troupe/loop/stack_trace.hpp>

namespace troupe::loop {
namespace throwing {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Addresses = std::vector<std::uintptr_t>;

/// The call of the last function that threw.
std::uintptr_t last_call = 0;

[[gnu::noinline]] void note_call(void* return_address) {
  last_call = reinterpret_cast<std::uintptr_t>(return_address) - 1;
}

[[gnu::noinline]] void throw_one(const std::string& what) {
  note_call(__builtin_return_address(0));
  throw std::runtime_error(what);
}

[[gnu::noinline]] int throw_by_the_library(const std::vector<int>& empty) {
  note_call(__builtin_return_address(0));
  return empty.at(7) + 1;
}

template <class F>
std::exception_ptr caught(F f) {
  try {
    f();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

Addresses stack(const std::exception_ptr& exception) {
  const auto found = stack_of(exception);
  return {found.begin(), found.end()};
}

class AThrow : public ::testing::Test {
  void SetUp() override {
    if (!records_throws()) GTEST_SKIP() << "the sanitizer of this build has the hook that tells of throws";
  }
};

TEST_F(AThrow, LeavesItsStackInnermostCallFirst) {
  const RecordThrows recording;
  const auto exception = caught([] { throw_one("a"); });
  ASSERT_GT(stack(exception).size(), 2U);
  EXPECT_EQ(stack(exception)[1], last_call);
}

TEST_F(AThrow, LeavesItAlsoWhereALibraryThrows) {
  const RecordThrows recording;
  const auto exception = caught([] { throw_by_the_library({}); });
  EXPECT_THAT(stack(exception), ::testing::Contains(last_call));
  EXPECT_THAT(to_text(stack_of(exception)), HasSubstr("libstdc++"));
}

TEST_F(AThrow, LeavesNoneWhereNobodyWantsIt) {
  EXPECT_THAT(stack(caught([] { throw_one("a"); })), IsEmpty());
  {
    const RecordThrows recording;
  }
  EXPECT_THAT(stack(caught([] { throw_one("a"); })), IsEmpty());
  EXPECT_THAT(stack(nullptr), IsEmpty());
}

TEST_F(AThrow, IsRememberedBesideThoseThatItsEndThrowsAndCatches) {
  const RecordThrows recording;
  const auto first = caught([] { throw_one("first"); });
  const auto call = last_call;
  for (int i = 0; i < 3; ++i) caught([] { throw_one("in between"); });
  EXPECT_EQ(stack(first).at(1), call);
  caught([] { throw_one("one too many"); });
  EXPECT_THAT(stack(first), IsEmpty());
}

TEST_F(AThrow, IsNotMistakenForAnEarlierOneInTheSameMemory) {
  const RecordThrows recording;
  caught([] { throw_by_the_library({}); });
  const auto exception = caught([] { throw_one("a"); });
  EXPECT_EQ(stack(exception).at(1), last_call);
}

/// Where the exception itself lies.
std::uintptr_t memory_of(const std::exception_ptr& exception) {
  std::uintptr_t memory = 0;
  std::memcpy(&memory, static_cast<const void*>(&exception), sizeof memory);
  return memory;
}

TEST_F(AThrow, IsNotMistakenForWhatWasNotThrownInTheSameMemory) {
  const RecordThrows recording;
  bool is_same = false;
  for (int i = 0; i < 100 && !is_same; ++i) {
    const auto memory = memory_of(caught([] { throw std::runtime_error(""); }));
    const auto made = std::make_exception_ptr(std::logic_error(""));
    is_same = memory_of(made) == memory;
    EXPECT_THAT(stack(made), IsEmpty());
  }
  EXPECT_TRUE(is_same) << "memory was never used again: this has shown nothing";
}

TEST_F(AThrow, IsKnownOnAThreadThatItWasBroughtTo) {
  std::exception_ptr exception;
  Addresses there;
  std::uintptr_t call = 0;
  std::thread([&] {
    const RecordThrows recording;
    exception = caught([] { throw_one("a"); });
    there = stack(exception);
    call = last_call;
  }).join();
  EXPECT_THAT(stack(exception), IsEmpty());
  bring_throw(exception, there);
  EXPECT_EQ(stack(exception), there);
  EXPECT_EQ(stack(exception).at(1), call);
  bring_throw(exception, {});
  EXPECT_THAT(stack(exception), IsEmpty()) << "as where it came from";
  bring_throw(nullptr, there);
}

TEST_F(AThrow, IsRecordedOnALoop) {
  Simulation world(1, 1);
  Addresses seen;
  world.loop(0).call([&seen] { seen = stack(caught([] { throw_one("a"); })); });
  world.advance(std::chrono::milliseconds(1));
  ASSERT_GT(seen.size(), 2U);
  EXPECT_EQ(seen[1], last_call);
}

}  // namespace throwing
}  // namespace troupe::loop
