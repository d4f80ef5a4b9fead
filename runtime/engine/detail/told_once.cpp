#include <troupe/engine/detail/told_once.hpp>

#include <troupe/wire/hash.hpp>

namespace troupe::engine {

bool ToldOnce::is_new(std::string& what) {
  const std::scoped_lock lock(mutex_);
  if (told_.size() >= limit || !told_.insert(wire::stable_hash(what)).second) return false;
  if (told_.size() == limit) what += "; it is the last of " + std::to_string(limit) + " such mistakes that are told";
  return true;
}

}  // namespace troupe::engine
