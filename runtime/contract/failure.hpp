#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/wire/fault.hpp>

namespace troupe {

/// What a domain says no with: `co_return Rejected{"out_of_stock", "3 of 'Lamp' are left"};`. An answer, not a crash.
///
/// `code` is a snake_case word that clients may act on; `detail` is for people. `faults` say which fields are wrong.
struct Rejected {
  std::string code;
  std::string detail = {};
  std::vector<Fault> faults = {};
};

/// Names a failure that the runtime itself makes; `failure_code` has them all. It turns into text, text never into it.
class FailureCode {
 public:
  explicit consteval FailureCode(std::string_view word) : word_(word) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a code is compared with, and sent as, text
  constexpr operator std::string_view() const { return word_; }

  friend constexpr bool operator==(FailureCode, FailureCode) = default;
  friend constexpr bool operator==(FailureCode code, std::string_view text) { return code.word_ == text; }

 private:
  std::string_view word_;
};

namespace failure_code {
inline constexpr FailureCode timeout("timeout");                ///< unknown: the deadline passed
inline constexpr FailureCode expired("expired");                ///< not executed: the deadline passed before
inline constexpr FailureCode overloaded("overloaded");          ///< not executed: a queue is full
inline constexpr FailureCode unavailable("unavailable");        ///< not executed: owner or storage out of reach
inline constexpr FailureCode call_cycle("call_cycle");          ///< not executed: the target waits for this chain
inline constexpr FailureCode call_deadlock("call_deadlock");    ///< not executed: the target waits for another chain
inline constexpr FailureCode too_many_hops("too_many_hops");    ///< not executed: the chain is at its limit
inline constexpr FailureCode actor_crashed("actor_crashed");    ///< a bug: the handler threw
inline constexpr FailureCode crash_looping("crash_looping");    ///< not executed: it crashes again and again
inline constexpr FailureCode commit_unknown("commit_unknown");  ///< unknown: the storage failed in its commit
inline constexpr FailureCode stopped("stopped");                ///< the node is going down
inline constexpr FailureCode read_only("read_only_turn");       ///< not executed: a read asked a write
inline constexpr FailureCode undeclared("undeclared_ask");      ///< not executed: its entity declares no such ask
inline constexpr FailureCode forbidden("forbidden");            ///< not executed: who asks over a link may not
// Between nodes.
inline constexpr FailureCode too_large("too_large");        ///< the message or reply is larger than a link takes
inline constexpr FailureCode incompatible("incompatible");  ///< not executed: the nodes' builds differ
// With these the runtime rejects, as a domain does.
inline constexpr FailureCode invalid("invalid");                          ///< a field breaks a rule; `faults` say which
inline constexpr FailureCode operation_forgotten("operation_forgotten");  ///< it may have been done, too long ago
}  // namespace failure_code

/// Why an ask has no reply.
///
/// Source: the three outcomes of a remote call; compare gRPC's and Service Weaver's "may have executed".
struct Failure {
  enum class Kind : std::uint8_t {
    rejected,      ///< the domain said no
    not_executed,  ///< certainly not done: safe to repeat
    unknown,       ///< it may have happened
  };

  Kind kind = Kind::unknown;
  std::string code;  ///< a domain's word, or a FailureCode; of another build perhaps one that is unknown here
  std::string detail = {};
  std::vector<Fault> faults = {};
  bool passed_on = false;  ///< an ask has told it: it arose further down the call chain, and is not repeated above

  Failure() = default;
  Failure(Kind kind, std::string code, std::string detail = {}, std::vector<Fault> faults = {})
      : kind(kind), code(std::move(code)), detail(std::move(detail)), faults(std::move(faults)) {}
  Failure(Rejected r)  // NOLINT(google-explicit-constructor): a rejection is a failure
      : Failure(Kind::rejected, std::move(r.code), std::move(r.detail), std::move(r.faults)) {}

  /// Certainly not done: safe to repeat.
  static Failure not_executed(FailureCode code, std::string detail = {}) {
    return {Kind::not_executed, std::string(code), std::move(detail)};
  }
  /// It may have happened.
  static Failure unknown(FailureCode code, std::string detail = {}) {
    return {Kind::unknown, std::string(code), std::move(detail)};
  }

  bool rejected() const { return kind == Kind::rejected; }
  bool not_executed() const { return kind == Kind::not_executed; }
  bool unknown() const { return kind == Kind::unknown; }
};

/// A reply, or why there is none. What `try_ask` yields.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : value_(std::in_place_index<0>, std::move(value)) {}            // NOLINT
  Outcome(Failure failure) : value_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT
  Outcome(Rejected rejected) : Outcome(Failure(std::move(rejected))) {}             // NOLINT

  bool ok() const { return value_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return std::get<0>(value_); }
  const T& operator*() const& { return std::get<0>(value_); }
  T&& operator*() && { return std::get<0>(std::move(value_)); }
  T* operator->() { return &std::get<0>(value_); }
  const T* operator->() const { return &std::get<0>(value_); }

  const Failure& failure() const& { return std::get<1>(value_); }
  Failure&& failure() && { return std::get<1>(std::move(value_)); }

  bool rejected() const { return !ok() && failure().rejected(); }
  bool rejected(std::string_view code) const { return rejected() && failure().code == code; }
  bool not_executed() const { return !ok() && failure().not_executed(); }
  bool unknown() const { return !ok() && failure().unknown(); }

 private:
  std::variant<T, Failure> value_;
};

}  // namespace troupe
