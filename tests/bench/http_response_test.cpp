#include "tests/bench/http_response.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe::bench {
namespace {

TEST(HttpResponse, TakesHeaderAndBody) {
  const std::string answer = "HTTP/1.1 201 Created\r\nX: y\r\ncontent-LENGTH: 5\r\n\r\nhello";
  const ResponseFrame frame = read_response(answer + "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(frame.framing, Framing::complete);
  EXPECT_EQ(frame.status, 201U);
  EXPECT_EQ(frame.bytes, answer.size());
  EXPECT_FALSE(frame.closes);
}

TEST(HttpResponse, WaitsForEveryPrefixOfAnAnswer) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t length = 0; length < answer.size(); ++length) {
    EXPECT_EQ(read_response(std::string_view(answer).substr(0, length)).framing, Framing::incomplete) << length;
  }
}

TEST(HttpResponse, NeedsNoLengthWhereThereIsNoBody) {
  EXPECT_EQ(read_response("HTTP/1.1 204 No Content\r\n\r\n").framing, Framing::complete);
  EXPECT_EQ(read_response("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n").framing, Framing::complete);
}

TEST(HttpResponse, SeesThatTheServerCloses) {
  EXPECT_TRUE(read_response("HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").closes);
}

TEST(HttpResponse, RefusesWhatItCannotFrame) {
  const std::string answers[] = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
                                 "SSH-2.0-OpenSSH\r\n\r\n"};
  for (const std::string& answer : answers) EXPECT_EQ(read_response(answer).framing, Framing::malformed) << answer;
}

}  // namespace
}  // namespace troupe::bench
