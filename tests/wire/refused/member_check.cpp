#include <troupe/wire/json.hpp>

struct MessageWithMemberCheck {
  int amount = 0;
  void check(troupe::Checker<MessageWithMemberCheck>& c) const { c.field(&MessageWithMemberCheck::amount).range(0, 1); }
};

auto read() { return troupe::wire::from_json<MessageWithMemberCheck>("{}"); }
