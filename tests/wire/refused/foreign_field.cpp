#include <troupe/wire/json.hpp>

struct OtherMessage {
  int price = 0;
};

struct MessageWithForeignField {
  int amount = 0;
  static void check(troupe::Checker<MessageWithForeignField>& c) { c.field(&OtherMessage::price).range(0, 1); }
};

auto read() { return troupe::wire::from_json<MessageWithForeignField>("{}"); }
