#include <troupe/engine/detail/told_once.hpp>

#include <troupe/wire/hash.hpp>

namespace troupe::engine {

bool ToldOnce::is_new(const MessageInfo& message, std::string& what) {
  const std::scoped_lock lock(mutex_);
  if (count_ == limit) return false;
  auto& texts = told_[&message];
  if (texts.size() == limit_of_message || !texts.insert(wire::stable_hash(what)).second) return false;
  if (++count_ == limit) {
    what += "; it is the last of " + std::to_string(limit) + " such mistakes that are told";
  } else if (texts.size() == limit_of_message) {
    what += "; it is the last of " + std::to_string(limit_of_message) + " such mistakes of this message that are told";
  }
  return true;
}

}  // namespace troupe::engine
