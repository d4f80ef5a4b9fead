#include <troupe/wire/json.hpp>

struct Base {
  int inherited = 0;
};

struct MessageWithBase : Base {
  int own = 0;
};

std::string text() { return troupe::wire::to_json(MessageWithBase{}); }
