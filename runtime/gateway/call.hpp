#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/contract/envelope.hpp>
#include <troupe/http/http.hpp>
#include <troupe/wire/json.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::gateway {

/// The values of a path's parameters, in the pattern's order, decoded.
using PathValues = boost::container::small_vector<std::string, 2>;

/// A request that matched a route and passed its checks, while its message is made of it.
/// Lifetime: what it refers to belongs to whoever begins the route, and may be used until Action::begin returns.
struct Incoming {
  const Principal& principal;
  const PathValues& path;
  std::string_view query;  ///< as sent
  std::string_view body;
  const http::Headers& headers;
  Uuid operation;             ///< one for all attempts at the same request
  std::uint16_t attempt = 0;  ///< above 0: an earlier attempt may have been executed
  bool under_key = false;     ///< an Idempotency-Key came with it: it may be attempted again
  Instant deadline{};
  Time now{};
  wire::JsonLimits json{};  ///< of the body
};

/// What a free handler (Routes::handle) knows of its request; asks go out by `actor<Api>(key)` as anywhere.
/// Lifetime: a value that owns all it holds. The views that it returns are good as long as this very copy is there.
class Call {
 public:
  explicit Call(const Incoming& in)
      : principal_(in.principal),
        path_(in.path),
        headers_(in.headers),
        operation_(in.operation),
        attempt_(in.attempt),
        deadline_(in.deadline),
        now_(in.now) {}

  const Principal& principal() const { return principal_; }
  /// The value of the pattern's parameter of this number, from 0.
  std::string_view path(std::size_t parameter) const { return path_.at(parameter); }
  /// Under an Idempotency-Key the request may have no other fields than those that the key's keeper was handed: none.
  std::optional<std::string_view> header(std::string_view name) const { return headers_.find(name); }
  Uuid operation() const { return operation_; }
  std::uint16_t attempt() const { return attempt_; }
  Instant deadline() const { return deadline_; }
  Time now() const { return now_; }

 private:
  Principal principal_;
  PathValues path_;
  http::Headers headers_;
  Uuid operation_;
  std::uint16_t attempt_;
  Instant deadline_;
  Time now_;
};

/// What a route answers when all went well; its failures are the task's.
struct Answer {
  enum class Origin : std::uint8_t { fresh, replayed };  ///< replayed: told before, under the same Idempotency-Key

  std::uint16_t status = 200;
  std::string body;      ///< JSON, from status 400 on a problem document; empty: none
  std::string location;  ///< of what was created; empty: none
  Origin origin = Origin::fresh;
};

}  // namespace troupe::gateway
