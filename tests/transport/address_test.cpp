#include <troupe/transport/address.hpp>

#include <gtest/gtest.h>

namespace troupe::transport {
namespace {

TEST(LinkAddress, ReadsWhatItWrites) {
  for (const char* text :
       {"127.0.0.1:7101", "[::1]:7101", "catalog:1", "a-b.example:65535", "unix:/run/a b", "unix:x", "0.0.0.0:0"}) {
    const auto address = parse_link_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
}

TEST(LinkAddress, TellsHostsFromPaths) {
  EXPECT_EQ(parse_link_address("[::1]:7")->host, "::1");
  EXPECT_TRUE(parse_link_address("unix:/run/node:1")->is_unix());
  EXPECT_EQ(parse_link_address("unix:/run/node:1")->path, "/run/node:1");
}

TEST(LinkAddress, RefusesEverythingElse) {
  for (const std::string& text :
       {std::string(), std::string("host"), std::string("host:"), std::string(":1"), std::string("host:65536"),
        std::string("host:-1"), std::string("host:1x"), std::string("::1:1"), std::string("[::1]"), std::string("[]:1"),
        std::string("unix:"), "unix:/" + std::string(max_unix_path, 'x'), std::string("unix:/a\0b", 9),
        std::string("a\0b:1", 5)}) {
    EXPECT_FALSE(parse_link_address(text)) << text;
  }
}

}  // namespace
}  // namespace troupe::transport
