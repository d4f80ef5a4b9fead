#include <troupe/wire/json.hpp>

struct MessageWithArray {
  int first = 0;
  int many[3] = {};
};

std::string text() { return troupe::wire::to_json(MessageWithArray{}); }
