#include <troupe/topology/address.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::topology {
namespace {

TEST(Address, ReadsHostAndPort) {
  EXPECT_EQ(parse_address("127.0.0.1:8080"), (Address{"127.0.0.1", 8080}));
  EXPECT_EQ(parse_address("0.0.0.0:0"), (Address{"0.0.0.0", 0}));
  EXPECT_EQ(parse_address("catalog-0.shop.svc:7101"), (Address{"catalog-0.shop.svc", 7101}));
  EXPECT_EQ(parse_address("[::1]:65535"), (Address{"::1", 65535}));
}

TEST(Address, SpellsAnIpv6AddressInOneWay) {
  EXPECT_EQ(parse_address("[0:0:0:0:0:0:0:1]:80"), parse_address("[::1]:80"));
  EXPECT_EQ(to_string(Address{"::1", 80}), "[::1]:80");
  EXPECT_EQ(to_string(Address{"localhost", 80}), "localhost:80");
}

TEST(Address, RefusesWhatIsNoAddress) {
  for (const auto* text :
       {"",        ":",         "8080",     "host",     "host:",          ":80",          "host:65536", "host:-1",
        "host:+1", "host:8o80", "host: 80", "ho st:80", "http://host:80", "300.1.1.1:80", "1.2.3:80",   "::1:80",
        "[::1]",   "[::1:80",   "[]:80",    "[zz]:80",  "a..b:80",        ".a:80",        "host.:80"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_address(std::string(64, 'a') + ":80"), std::nullopt);
  EXPECT_EQ(parse_address(std::string_view("a\0b:80", 6)), std::nullopt);
}

TEST(Address, OfALinkMayBeAUnixSocket) {
  const auto socket = parse_link_address("unix:/run/shop/core");
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->path, "/run/shop/core");
  EXPECT_EQ(to_string(*socket), "unix:/run/shop/core");
  EXPECT_TRUE(is_loopback(*socket));
  EXPECT_FALSE(is_wildcard(*socket));
  EXPECT_FALSE(socket->leaves_port_open());
  EXPECT_EQ(parse_link_address("127.0.0.1:80"), parse_address("127.0.0.1:80"));
  EXPECT_EQ(parse_address("unix:/run/shop/core"), std::nullopt);
  EXPECT_EQ(parse_link_address("unix:"), std::nullopt);
  EXPECT_TRUE(parse_link_address("unix:" + std::string(longest_socket_path, 'x')));
  EXPECT_EQ(parse_link_address("unix:" + std::string(longest_socket_path + 1, 'x')), std::nullopt);
}

TEST(Address, KnowsLoopbackFromTheRest) {
  for (const auto* text : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"}) {
    EXPECT_TRUE(is_loopback(*parse_address(text))) << text;
  }
  for (const auto* text : {"0.0.0.0:1", "10.0.0.1:1", "127.example.com:1", "[::]:1", "[2001:db8::1]:1"}) {
    EXPECT_FALSE(is_loopback(*parse_address(text))) << text;
  }
}

}  // namespace
}  // namespace troupe::topology
