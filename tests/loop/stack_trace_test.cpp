#include <troupe/loop/stack_trace.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <vector>

namespace troupe::loop {
namespace {

using ::testing::Contains;
using ::testing::MatchesRegex;
using ::testing::Not;

using Addresses = std::vector<std::uintptr_t>;

/// What a call returns to, as traces tell it.
std::uintptr_t call_before(void* return_address) { return reinterpret_cast<std::uintptr_t>(return_address) - 1; }

Addresses addresses_of(const StackTrace& trace) { return {trace.addresses().begin(), trace.addresses().end()}; }

struct SeenStack {
  StackTrace trace;
  Addresses calls;  ///< of the functions below, innermost first
};

[[gnu::noinline]] void inner(SeenStack& seen) {
  seen.trace.capture();
  seen.calls.push_back(call_before(__builtin_return_address(0)));
}

[[gnu::noinline]] void outer(SeenStack& seen) {
  inner(seen);
  seen.calls.push_back(call_before(__builtin_return_address(0)));
}

TEST(StackTrace, TellsCallsInnermostFirst) {
  SeenStack seen;
  outer(seen);
  auto addresses = addresses_of(seen.trace);
  ASSERT_GT(addresses.size(), 3U);
  EXPECT_EQ(Addresses(addresses.begin() + 1, addresses.begin() + 3), seen.calls);
}

[[gnu::noinline]] void nest(StackTrace& trace, std::size_t depth) {
  depth == 0 ? trace.capture() : nest(trace, depth - 1);
  asm volatile("" ::: "memory");  // no tail call
}

TEST(StackTrace, LeavesOutTheOuterCallsOfADeepStack) {
  StackTrace trace;
  nest(trace, 3 * StackTrace::most_addresses);
  EXPECT_EQ(trace.addresses().size(), StackTrace::most_addresses);
  nest(trace, 1);
  EXPECT_LT(trace.addresses().size(), StackTrace::most_addresses) << "each capture begins anew";
}

StackTrace interrupted;
std::uintptr_t call_of_handler = 0;

void take_interrupted(int) {
  interrupted.capture();
  call_of_handler = call_before(__builtin_return_address(0));
}

[[gnu::noinline]] std::uintptr_t raise_signal() {
  ::raise(SIGURG);
  return call_before(__builtin_return_address(0));
}

TEST(StackTrace, BeginsInAHandlerWithWhatItsSignalInterrupted) {
  StackTrace::prepare();
  struct sigaction action{};
  action.sa_handler = &take_interrupted;
  struct sigaction before{};
  ASSERT_EQ(::sigaction(SIGURG, &action, &before), 0);
  const std::uintptr_t call = raise_signal();
  ::sigaction(SIGURG, &before, nullptr);
  const auto addresses = addresses_of(interrupted);
  EXPECT_THAT(addresses, Contains(call));
  EXPECT_THAT(addresses, Not(Contains(call_of_handler))) << "no frame of the handler";
}

TEST(StackTraceText, NamesModulesOffsetsAndExportedSymbols) {
  const auto of_c_library = reinterpret_cast<std::uintptr_t>(&::lldiv);
  const auto of_program = reinterpret_cast<std::uintptr_t>(&call_before);
  EXPECT_THAT(to_text(Addresses{of_c_library + 5}), MatchesRegex(R"(libc[^ ]*\+0x[0-9a-f]+ lldiv\+0x5)"));
  EXPECT_THAT(to_text(Addresses{of_program, of_c_library}),
              MatchesRegex(R"(loop_test\+0x[0-9a-f]+.* < libc[^ ]*\+0x[0-9a-f]+ lldiv\+0x0)"));
}

TEST(StackTraceText, IsABareAddressWhereNoModuleIs) { EXPECT_EQ(to_text(Addresses{0x10}), "0x10"); }

TEST(StackTraceText, IsEmptyWithoutAddresses) { EXPECT_EQ(to_text({}), ""); }

}  // namespace
}  // namespace troupe::loop
