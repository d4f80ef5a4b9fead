#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actor/task.hpp>
#include <troupe/gateway/call.hpp>
#include <troupe/wire/schema.hpp>

namespace troupe::gateway {

/// Who may call a route.
struct Access {
  enum class Kind : std::uint8_t {
    anyone,
    signed_in,
    role,     ///< who has the role
    self_or,  ///< the user that the path's first parameter names, or who has the role, if one is said
  };
  Kind kind = Kind::anyone;
  std::string role;
};

/// Where a field of a message comes from.
enum class Source : std::uint8_t {
  body,
  query,
  header,     ///< If-Match
  principal,  ///< who calls: never read from the request
  operation,  ///< of the request: as little
};

/// One field of a route's message, for the description.
struct RouteField {
  wire::SchemaField field;
  Source source = Source::body;
  bool required = true;
  std::string default_value;  ///< JSON of what an absent query parameter means; empty: none
};

/// Turns a request into the work that answers it.
class Action {
 public:
  virtual ~Action() = default;

  /// Reads the message at once; the task, once awaited, does the work. Errors: a rejection `invalid` with every fault
  /// of the request, or `forbidden`.
  virtual Outcome<Task<Answer>> begin(const Incoming& request) const = 0;
  virtual std::vector<RouteField> fields() const = 0;
  virtual const wire::Schema& message() const = 0;
  virtual const wire::Schema& reply() const = 0;
  /// Whether the message holds a Secret, so that nothing of the request's body is to stay in memory.
  virtual bool takes_secrets() const = 0;
};

class IdempotencyKeeper;

/// One declared route, whatever its types.
struct Route {
  enum class IdempotencyKey : std::uint8_t { honoured, ignored };
  enum class Tag : std::uint8_t { none, strong };  ///< whether answers carry an ETag

  http::Method method = http::Method::get;
  std::string pattern;  ///< `/products/{id}/stock`
  std::string id;       ///< `POST /products/{id}/stock`
  std::string domain;
  std::string name;  ///< of the message, in snake_case
  Access access;
  std::uint16_t status = 200;
  std::string summary;
  std::vector<std::string> rejections;  ///< codes beyond those that follow from the rest
  Tag etag = Tag::none;
  bool creates = false;
  bool reads_if_match = false;
  IdempotencyKey idempotency_key = IdempotencyKey::ignored;
  const IdempotencyKeeper* keeper = nullptr;  ///< where its Idempotency-Keys are kept; null: nowhere
  std::unique_ptr<Action> action;

  bool takes_body() const {
    return method == http::Method::post || method == http::Method::put || method == http::Method::patch;
  }
};

}  // namespace troupe::gateway
