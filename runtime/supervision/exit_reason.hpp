#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace troupe::supervision {

/// Why a child ended, or did not start, in OTP's words.
struct ExitReason {
  enum class Kind : std::uint8_t { normal, shutdown, killed, error };

  Kind kind = Kind::normal;
  std::string detail = {};  ///< of an error, what went wrong; of a shutdown, the Term of OTP's `{shutdown, Term}`

  static ExitReason normal() { return {}; }
  static ExitReason shutdown(std::string term = {}) { return {Kind::shutdown, std::move(term)}; }
  static ExitReason killed() { return {Kind::killed, {}}; }
  static ExitReason error(std::string what) { return {Kind::error, std::move(what)}; }

  /// Whether it is how a child ends that has done its work: what restarts no transient child.
  bool orderly() const { return kind == Kind::normal || kind == Kind::shutdown; }

  friend bool operator==(const ExitReason&, const ExitReason&) = default;
};

/// `normal`, `shutdown`, `shutdown(term)`, `killed`, or what went wrong.
std::string to_text(const ExitReason& reason);

}  // namespace troupe::supervision
