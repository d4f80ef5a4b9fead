#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include <troupe/testing/http.hpp>

namespace troupe::testing::detail {

/// What clients have been told so far. By it an answer that a repetition gets because of its own first attempt is told
/// from one that the request would have got anyway. Threads: one.
class KnownOutcomes {
 public:
  void note(const HttpRequest& request, const HttpAnswer& outcome);

  /// It went with an earlier request already.
  bool is_removed(const HttpRequest& request) const { return removed_.contains(request.target); }
  /// Its If-Match is not the latest tag that was told of the target.
  bool has_old_tag(const HttpRequest& request) const;
  /// Its Idempotency-Key came with an earlier request.
  bool has_known_key(const HttpRequest& request) const { return keys_.contains(key_of(request)); }

 private:
  /// Keys are each user's own.
  using Key = std::pair<std::string, std::string>;
  static Key key_of(const HttpRequest& request);

  std::set<std::string> removed_;            ///< targets
  std::map<std::string, std::string> tags_;  ///< the latest, by target; empty: it was changed, to a tag not told
  std::set<Key> keys_;
};

}  // namespace troupe::testing::detail
