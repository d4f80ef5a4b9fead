// Whatever happens to a supervisor, it does what OTP's rules say, in their order.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "tests/supervision/model.hpp"
#include "tests/supervision/script.hpp"

namespace troupe::supervision {
namespace {

using Answers = SimulatedTree::Answers;

Script any_script() {
  return make_script([](unsigned below) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0U, below)); });
}

RC_GTEST_PROP(SupervisorProperties, DoesWhatTheModelDoes, ()) {
  const Script script = any_script();
  RC_LOG(to_erlang(script));
  RC_ASSERT(to_text(play(script, Answers::at_once)) == to_text(play_on_model(script)));
}

RC_GTEST_PROP(SupervisorProperties, DoesTheSameHoweverLateItIsAnswered, ()) {
  const Script script = any_script();
  RC_LOG(to_erlang(script));
  RC_ASSERT(to_text(play(script, Answers::through_the_mailbox)) == to_text(play(script, Answers::at_once)));
}

TEST(SupervisorProperties, DoesWhatTheModelDoesManyTimes) {
  std::mt19937 random(20'260'102);
  for (int i = 0; i < 5'000; ++i) {
    const Script script = make_script([&](unsigned below) { return static_cast<unsigned>(random() % below); });
    const std::string expected = to_text(play_on_model(script));
    ASSERT_EQ(to_text(play(script, Answers::at_once)), expected) << to_erlang(script);
    ASSERT_EQ(to_text(play(script, Answers::through_the_mailbox)), expected) << to_erlang(script);
  }
}

TEST(SupervisorProperties, DoesWhatTheModelDoesInEachChosenCase) {
  for (const Script& script : chosen_scripts()) {
    EXPECT_EQ(to_text(play(script, Answers::at_once)), to_text(play_on_model(script))) << script.name;
    EXPECT_EQ(to_text(play(script, Answers::through_the_mailbox)), to_text(play_on_model(script))) << script.name;
  }
}

TEST(SupervisorGrid, DoesWhatTheModelDoes) {
  for (const Script& script : grid_of_scripts()) {
    ASSERT_EQ(to_text(play(script, Answers::at_once)), to_text(play_on_model(script))) << to_erlang(script);
    ASSERT_EQ(to_text(play(script, Answers::through_the_mailbox)), to_text(play_on_model(script))) << to_erlang(script);
  }
}

}  // namespace
}  // namespace troupe::supervision
