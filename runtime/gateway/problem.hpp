#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/http/http.hpp>
#include <troupe/http/service.hpp>
#include <troupe/wire/fault.hpp>

namespace troupe::gateway {

/// One kind of problem: what a client may decide by. Its type is `urn:troupe:CODE`.
struct ProblemKind {
  std::string code;
  std::uint16_t status = 500;
  std::string title;
};

/// The kinds that an application's answers may be of: the gateway's own, and those that the application adds.
class ProblemKinds {
 public:
  /// Holds the gateway's own: invalid, unauthenticated, forbidden, not_found, method_not_allowed, request_timeout,
  /// conflict, precondition_failed, too_large, unsupported_media, idempotency_conflict, rate_limited, header_too_large,
  /// internal, unavailable, overloaded, timeout.
  ProblemKinds();

  /// Errors: throws std::invalid_argument where the code is known with another status or title, is not `snake_case`, or
  /// the status is no error's.
  void add(ProblemKind kind);

  /// Null when unknown. Lifetime: until the next `add`.
  const ProblemKind* find(std::string_view code) const;
  const std::vector<ProblemKind>& all() const { return kinds_; }

 private:
  std::vector<ProblemKind> kinds_;
};

/// What went wrong with one request.
struct Problem {
  std::string code{};
  std::string detail{};
  std::string trace_id{};
  std::vector<Fault> errors{};          ///< of `invalid`: every fault of the input
  std::chrono::seconds retry_after{1};  ///< of 429 and 503; at least one second is told
};

/// The document of a problem as clients get it. Source: RFC 9457.
struct ProblemDocument {
  std::string type;
  std::string title;
  std::uint16_t status = 500;
  std::string detail;
  std::string trace_id;
};

/// The document of `invalid`.
struct InvalidDocument {
  std::string type;
  std::string title;
  std::uint16_t status = 400;
  std::string detail;
  std::string trace_id;
  std::vector<Fault> errors;
};

/// The answer that tells of a problem: status, document, and the fields that go with the status (Retry-After,
/// WWW-Authenticate). An `invalid` without errors gets one, of the whole document. An unknown code is `internal`, whose
/// detail tells nothing of what is inside, whatever the problem says.
http::Response to_response(const ProblemKinds& kinds, const Problem& problem);

/// The code of the problem by which a server's refusal is told.
std::string_view code_of(http::RefusalCode code);

}  // namespace troupe::gateway
