#pragma once

#include <any>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/resilience/backoff.hpp>
#include <troupe/wire/time.hpp>

/// Supervision trees as data. Names, defaults and meaning are those of Erlang/OTP's `supervisor`.
namespace troupe::supervision {

/// Who is started again together when one child fails.
enum class Strategy : std::uint8_t {
  one_for_one,         ///< the child alone
  one_for_all,         ///< all children
  rest_for_one,        ///< the child and those that were listed after it
  simple_one_for_one,  ///< the child alone, of many that are started while the supervisor runs, from one template
};

/// Whether a child is started again after it has ended.
enum class Restart : std::uint8_t {
  permanent,  ///< always
  transient,  ///< unless it ended orderly
  temporary,  ///< never; it is forgotten, also where the end of a sibling takes it down
};

/// Whether a supervisor ends when significant children have ended by themselves.
enum class AutoShutdown : std::uint8_t { never, any_significant, all_significant };

/// What a child is. Only a supervisor differs in meaning; shards are workers that status shows as what they are.
enum class ChildType : std::uint8_t { worker, supervisor, shard };

/// How a child is stopped: told to, and killed where it takes longer; told to, however long it takes; killed at once.
struct Shutdown {
  enum class Kind : std::uint8_t { timeout, infinity, brutal_kill };

  Kind kind = Kind::timeout;
  Duration timeout{};

  static constexpr Shutdown after(Duration timeout) { return {Kind::timeout, timeout}; }
  static constexpr Shutdown infinity() { return {Kind::infinity, {}}; }
  static constexpr Shutdown brutal_kill() { return {Kind::brutal_kill, {}}; }

  friend bool operator==(const Shutdown&, const Shutdown&) = default;
};

struct SupervisorFlags {
  Strategy strategy = Strategy::one_for_one;
  std::int64_t intensity = 1;  ///< restarts within `period` that are borne; with one more the supervisor gives up
  Duration period = std::chrono::seconds(5);
  AutoShutdown auto_shutdown = AutoShutdown::never;
  /// How long a child that failed waits before it is started again. Not OTP's, which starts it at once.
  std::optional<resilience::Backoff> backoff = {};
};

struct SupervisorSpec;

struct ChildSpec {
  std::string id;
  std::any start = {};  ///< what the one who carries out the commands starts; handed to it, never looked at
  Restart restart = Restart::permanent;
  bool significant = false;
  std::optional<Shutdown> shutdown = {};  ///< by default 5 s, and of a supervisor infinity
  ChildType type = ChildType::worker;
  /// How long a start may take; by default, as in OTP, for ever: the supervisor waits for it with all it does.
  std::optional<Duration> start_timeout = {};
  std::shared_ptr<const SupervisorSpec> children = {};  ///< of a supervisor: what it supervises, where it is known

  Shutdown effective_shutdown() const;
};

/// A supervisor and its children in the order in which they are started; of simple_one_for_one, the one template.
struct SupervisorSpec {
  SupervisorFlags flags = {};
  std::vector<ChildSpec> children = {};
};

constexpr Duration default_shutdown_timeout = std::chrono::seconds(5);

/// `intensity 1 in 5s`, with strategy before and what else is set behind.
std::string to_text(const SupervisorFlags& flags);
/// `5s`, `infinity` or `brutal_kill`.
std::string to_text(const Shutdown& shutdown);

/// A tree for people, a line for each child, below its supervisor: ids, and what holds for them.
std::string print_tree(const std::string& name, const SupervisorSpec& spec);

}  // namespace troupe::supervision
