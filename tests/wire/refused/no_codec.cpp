#include <troupe/wire/json.hpp>

struct MessageWithPointer {
  int* where = nullptr;
};

std::string text() { return troupe::wire::to_json(MessageWithPointer{}); }
