#include <troupe/wire/json.hpp>

struct MessageWithNestedOptional {
  std::optional<std::optional<int>> twice;
};

std::string text() { return troupe::wire::to_json(MessageWithNestedOptional{}); }
