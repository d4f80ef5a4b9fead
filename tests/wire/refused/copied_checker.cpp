#include <troupe/wire/json.hpp>

struct MessageWithCopiedChecker {
  int amount = 0;
  static void check(troupe::Checker<MessageWithCopiedChecker> c) {
    c.field(&MessageWithCopiedChecker::amount).range(0, 1);
  }
};

auto read() { return troupe::wire::from_json<MessageWithCopiedChecker>("{}"); }
