#include <troupe/http/detail/request_reader.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace troupe::http::testing {
namespace {

using State = RequestReader::State;
using Begun = RequestReader::Begun;

/// As a session receives: as much as there is room for.
void receive(RequestReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = reader.room();
    ASSERT_FALSE(room.empty());
    const std::size_t size = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), size, room.begin());
    reader.received(size);
    bytes.remove_prefix(size);
  }
}

TEST(RequestReader, ReadsPipelinedRequestsOneByOne) {
  const Limits limits;
  RequestReader reader(limits);
  receive(reader, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\nHEAD /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGE");
  ASSERT_EQ(reader.step().state, State::complete);
  const auto first = reader.take();
  EXPECT_EQ(first.request.target, "/a");
  EXPECT_EQ(first.framing.body, AnswerFraming::Body::full);
  EXPECT_EQ(first.framing.connection, AnswerFraming::Connection::keep_alive);
  EXPECT_FALSE(reader.starved());

  ASSERT_EQ(reader.step().state, State::complete);
  const auto second = reader.take();
  EXPECT_EQ(second.request.target, "/b");
  EXPECT_EQ(second.framing.body, AnswerFraming::Body::head_only);
  EXPECT_EQ(second.framing.connection, AnswerFraming::Connection::keep_alive_1_0);

  EXPECT_EQ(reader.step().state, State::starved);
  EXPECT_EQ(reader.begun(), Begun::header);
}

TEST(RequestReader, SaysHowFarARequestHasCome) {
  const Limits limits;
  RequestReader reader(limits);
  EXPECT_TRUE(reader.starved());
  EXPECT_EQ(reader.begun(), Begun::nothing);

  receive(reader, "\r\n");
  EXPECT_FALSE(reader.starved()) << "what has come is to be looked at";
  EXPECT_EQ(reader.step().state, State::starved);
  EXPECT_EQ(reader.begun(), Begun::nothing) << "an empty line begins no request";

  receive(reader, "POST / HTTP/1.1\r\nHost: a\r\n");
  EXPECT_EQ(reader.step().state, State::starved);
  EXPECT_EQ(reader.begun(), Begun::header);

  receive(reader, "Content-Length: 4\r\n\r\nbo");
  EXPECT_EQ(reader.step().state, State::starved);
  EXPECT_EQ(reader.begun(), Begun::body);
  EXPECT_EQ(reader.body_bytes(), 2u);

  receive(reader, "dy");
  EXPECT_EQ(reader.step().state, State::complete);
  EXPECT_EQ(reader.take().request.body, "body");
  EXPECT_EQ(reader.begun(), Begun::nothing);
  EXPECT_EQ(reader.body_bytes(), 0u);
}

TEST(RequestReader, InvitesTheBodyOfEachRequestOnce) {
  const Limits limits;
  RequestReader reader(limits);
  constexpr std::string_view header = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  for (int request = 0; request < 2; ++request) {
    receive(reader, header);
    EXPECT_FALSE(reader.invites_body()) << "nothing is known of it yet";
    EXPECT_EQ(reader.step().state, State::starved);
    EXPECT_TRUE(reader.invites_body());
    EXPECT_FALSE(reader.invites_body());
    receive(reader, "ok");
    EXPECT_EQ(reader.step().state, State::complete);
    EXPECT_EQ(reader.take().request.body, "ok");
  }
}

TEST(RequestReader, EndsARequestWhoseBodyIsTooLargeBeforeItIsSent) {
  const Limits limits{.body_bytes = 4};
  RequestReader reader(limits);
  receive(reader, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_EQ(reader.step().state, State::complete);
  const auto taken = reader.take();
  EXPECT_EQ(taken.request.body_state, BodyState::too_large);
  EXPECT_EQ(taken.framing.connection, AnswerFraming::Connection::close);
}

TEST(RequestReader, RefusesAChunkHeaderThatFillsAllRoom) {
  const Limits limits{.header_bytes = 64};
  RequestReader reader(limits);
  receive(reader, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(reader.step().state, State::starved);
  receive(reader, "1;");
  RequestReader::Step step = reader.step();
  while (step.state == State::starved) {
    const auto room = reader.room();
    ASSERT_FALSE(room.empty());
    std::ranges::fill(room, 'x');
    reader.received(room.size());
    step = reader.step();
  }
  EXPECT_EQ(step.state, State::refused);
  EXPECT_EQ(step.code, RefusalCode::invalid);
}

TEST(RequestReader, ForgetsWhatIsGivenUp) {
  const Limits limits;
  RequestReader reader(limits);
  receive(reader, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
  EXPECT_EQ(reader.step().state, State::starved);
  reader.give_up();
  EXPECT_EQ(reader.begun(), Begun::nothing);
  EXPECT_EQ(reader.body_bytes(), 0u);
  receive(reader, "dy");
  reader.discard();
  EXPECT_EQ(reader.step().state, State::starved);
}

}  // namespace
}  // namespace troupe::http::testing
