#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/supervision/check.hpp>
#include <troupe/supervision/supervisor.hpp>

#include "tests/supervision/simulated_tree.hpp"

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> faults(const SupervisorSpec& spec) {
  std::vector<std::string> lines;
  for (const SpecFault& fault : check("order", spec)) lines.push_back(to_text(fault));
  return lines;
}

TEST(SupervisorSpec, HasTheDefaultsOfOtp) {
  const SupervisorFlags flags;
  EXPECT_EQ(to_text(flags), "one_for_one, intensity 1 in 5s");
  EXPECT_EQ(flags.auto_shutdown, AutoShutdown::never);
  const ChildSpec child{.id = "store"};
  EXPECT_EQ(child.restart, Restart::permanent);
  EXPECT_FALSE(child.significant);
  EXPECT_EQ(child.effective_shutdown(), Shutdown::after(5s));
  EXPECT_EQ(supervisor("workers", {}).effective_shutdown(), Shutdown::infinity());
  EXPECT_THAT(faults({.children = {child}}), IsEmpty());
}

TEST(SupervisorSpec, IsPrintedAsATree) {
  SupervisorSpec workers{.flags = {.strategy = Strategy::rest_for_one,
                                   .intensity = 10,
                                   .period = 1min,
                                   .auto_shutdown = AutoShutdown::any_significant,
                                   .backoff = resilience::Backoff{100ms, 10s}},
                         .children = {worker("settling", Restart::transient)}};
  workers.children[0].significant = true;
  workers.children[0].shutdown = Shutdown::brutal_kill();
  workers.children[0].start_timeout = 2s;
  EXPECT_EQ(print_tree("order", {.children = {worker("store"), supervisor("workers", workers)}}),
            "order: one_for_one, intensity 1 in 5s\n"
            "  store: worker, permanent, shutdown 5s\n"
            "  workers: supervisor, permanent, shutdown infinity; rest_for_one, intensity 10 in 1m, "
            "auto_shutdown any_significant, backoff 100ms..10s\n"
            "    settling: worker, transient, significant, shutdown brutal_kill, start within 2s\n");
}

TEST(SupervisorSpec, TellsAllItsFaultsWithWhatToDo) {
  ChildSpec significant = worker("a");
  significant.significant = true;
  ChildSpec odd = worker("b/c", static_cast<Restart>(9));
  odd.type = static_cast<ChildType>(7);
  odd.shutdown = Shutdown::after(-1s);
  odd.start_timeout = 0s;
  EXPECT_THAT(
      faults({.flags = {.strategy = static_cast<Strategy>(4),
                        .intensity = -1,
                        .period = 0s,
                        .auto_shutdown = static_cast<AutoShutdown>(3),
                        .backoff = resilience::Backoff{10s, 1s}},
              .children = {odd, worker("")}}),
      ElementsAre("order: unknown strategy 4; one of one_for_one, one_for_all, rest_for_one, simple_one_for_one",
                  "order: unknown auto_shutdown 3; one of never, any_significant, all_significant",
                  "order: intensity -1 is below 0; 0 bears no restart at all",
                  "order: period 0s is not above 0; OTP's default is 5s",
                  "order: backoff 10s..1s is no range above 0; give the first wait and the longest, as in "
                  "100ms..10s, or leave it out",
                  "order/b/c: the id `b/c` has a slash; slashes stand between the ids of a path",
                  "order/b/c: unknown restart 9; one of permanent, transient, temporary",
                  "order/b/c: unknown type 7; one of worker, supervisor, shard",
                  "order/b/c: shutdown -1s is below 0; give a time from 0, or infinity, or brutal_kill",
                  "order/b/c: start_timeout 0s is not above 0; leave it out to wait without a limit",
                  "order: a child has no id; name it after what it does"));
}

TEST(SupervisorSpec, RefusesTwoChildrenOfOneId) {
  EXPECT_THAT(faults({.children = {worker("a"), worker("b"), worker("a")}}),
              ElementsAre("order/a: two children have this id; ids are unique within their supervisor"));
}

TEST(SupervisorSpec, RefusesSignificantChildrenThatCanHaveNoEffect) {
  ChildSpec permanent = worker("a");
  permanent.significant = true;
  EXPECT_THAT(faults({.flags = {.auto_shutdown = AutoShutdown::any_significant}, .children = {permanent}}),
              ElementsAre("order/a: a significant child that is permanent never ends by itself; "
                          "make it transient or temporary"));
  ChildSpec transient = worker("b", Restart::transient);
  transient.significant = true;
  EXPECT_THAT(faults({.children = {transient}}),
              ElementsAre("order/b: a significant child, but auto_shutdown is never; "
                          "set its supervisor's auto_shutdown to any_significant or all_significant"));
}

TEST(SupervisorSpec, WantsOneTemplateOfASimpleOneForOne) {
  const SupervisorFlags flags{.strategy = Strategy::simple_one_for_one};
  EXPECT_THAT(
      faults({.flags = flags, .children = {worker("a"), worker("b")}}),
      ElementsAre("order: simple_one_for_one with 2 child specs; give it one, the template of all its children"));
  EXPECT_THAT(faults({.flags = flags}), ElementsAre(HasSubstr("with 0 child specs")));
}

TEST(SupervisorSpec, IsCheckedDownToItsLeaves) {
  const SupervisorSpec workers{.flags = {.intensity = -1}, .children = {worker("x"), worker("x")}};
  ChildSpec not_a_supervisor = supervisor("tills", {});
  not_a_supervisor.type = ChildType::worker;
  EXPECT_THAT(faults({.children = {supervisor("workers", workers), not_a_supervisor}}),
              ElementsAre("order/workers: intensity -1 is below 0; 0 bears no restart at all",
                          "order/workers/x: two children have this id; ids are unique within their supervisor",
                          "order/tills: has children but is no supervisor; set its type to supervisor"));
}

TEST(SupervisorSpec, IsNotStartedWhereItHasAFault) {
  const SupervisorSpec bad{.flags = {.intensity = -1}, .children = {worker("a"), worker("a")}};
  try {
    const Supervisor supervisor("order", bad, [] { return 0U; });
    FAIL() << "was not refused";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "order: intensity -1 is below 0; 0 bears no restart at all\n"
                 "order/a: two children have this id; ids are unique within their supervisor");
  }
}

TEST(ExitReason, IsToldInOtpsWords) {
  EXPECT_EQ(to_text(ExitReason::normal()), "normal");
  EXPECT_EQ(to_text(ExitReason::shutdown()), "shutdown");
  EXPECT_EQ(to_text(ExitReason::shutdown("drained")), "shutdown(drained)");
  EXPECT_EQ(to_text(ExitReason::killed()), "killed");
  EXPECT_EQ(to_text(ExitReason::error("no such table")), "no such table");
}

}  // namespace
}  // namespace troupe::supervision
