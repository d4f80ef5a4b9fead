#pragma once

#include <troupe/wire/time.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The documents of the admin listener, as plain aggregates: `wire::to_json` writes them.
namespace troupe::observe {

enum class Health : std::uint8_t {
  ok,
  failing,
  degraded,  ///< it does not work, and the node is ready without it
};

/// One thing that the node needs to work: "loop 0", "storage order", "protocol product", "link catalog".
struct Check {
  std::string name;
  Health status = Health::ok;
  std::optional<std::string> detail;
};

/// `GET /livez`: the process answers.
struct Liveness {
  Health status = Health::ok;
};

/// `GET /readyz`: whether requests may be sent here.
struct Readiness {
  Health status = Health::ok;
  std::vector<Check> checks;
};

/// Failing as soon as one check is.
inline Readiness readiness_of(std::vector<Check> checks) {
  const bool fails = std::ranges::any_of(checks, [](const Check& check) { return check.status == Health::failing; });
  return {fails ? Health::failing : Health::ok, std::move(checks)};
}

/// 200 or 503.
inline unsigned http_status(const Readiness& readiness) { return readiness.status == Health::ok ? 200 : 503; }

/// A thread of the engine.
struct LoopStatus {
  std::uint32_t index = 0;
  std::uint64_t queued = 0;          ///< jobs that wait for their turn
  std::uint64_t turns = 0;           ///< messages handled since the start
  std::optional<Duration> stuck;     ///< for how long one handler has held it, where that is too long
  std::optional<std::string> doing;  ///< which one, if it is stuck
};

/// A protocol as far as this node hosts it.
struct ProtocolStatus {
  std::string name;
  std::uint32_t shards = 0;    ///< that live here
  std::uint64_t entities = 0;  ///< in memory
  std::uint64_t queued = 0;    ///< messages that wait for an entity
  std::uint64_t turns = 0;
  std::uint64_t rejections = 0;  ///< turns that said no
  std::uint64_t crashes = 0;
  std::uint64_t crash_looping = 0;     ///< entities that are refused messages because they crashed again and again
  std::uint64_t outbox = 0;            ///< committed sends that are not yet delivered
  std::uint64_t dead_letters = 0;      ///< sends that were given up, for their receivers crash on them
  std::optional<std::string> storage;  ///< none: in memory only
};

struct GatewayStatus {
  std::string address;
  std::uint64_t connections = 0;
  std::uint64_t in_flight = 0;  ///< requests without an answer
  std::uint64_t requests = 0;
};

/// What connects this node to another one: all connections between the two together.
struct LinkStatus {
  enum class State : std::uint8_t {
    idle,  ///< nobody has wanted one yet
    up,
    down,
  };

  std::string peer;
  std::string address;
  State state = State::idle;
  std::optional<Time> since;  ///< when it came into this state
  std::uint64_t connections = 0;
  std::uint64_t in_flight = 0;  ///< asks of either side without an answer
  std::uint64_t queued_bytes = 0;
  std::uint64_t reconnects = 0;
  std::optional<Duration> silent;      ///< for how long the peer has said nothing, where it should have
  std::optional<std::string> trouble;  ///< why it is down
};

/// What keeps calls away from a callee that does not answer.
struct BreakerStatus {
  enum class State : std::uint8_t { closed, open, half_open };

  std::string from;
  std::string to;
  std::string node;  ///< the owner that the calls go to, or "all nodes"
  State state = State::closed;
};

/// An entity that crashed so often that it is asked only to try it, from time to time.
struct CrashLoopStatus {
  std::string protocol;
  std::string key;
  Time since{};
  std::uint64_t crashes = 0;  ///< since it came into memory
  std::string last_reason;    ///< the message, and what was thrown
};

/// A supervisor, a worker, or the shards of a protocol, which are one row.
struct TreeStatus {
  std::string name;
  std::string kind;                     ///< supervisor, worker or shard
  std::optional<std::string> strategy;  ///< of a supervisor
  std::string restart;                  ///< permanent, transient or temporary
  std::string state;                    ///< running, restarting, stopped or backing_off
  std::uint64_t restarts = 0;           ///< in all
  std::optional<std::string> last_reason;
  std::uint64_t count = 1;    ///< of shards: for how many it stands
  std::uint64_t running = 0;  ///< of these
  std::vector<TreeStatus> children;
};

/// `GET /status`: what this node is and what it is doing.
struct Status {
  std::string node;
  std::uint64_t incarnation = 0;
  std::string topology;
  std::string version;
  Time started_at{};
  Duration uptime{};
  std::uint64_t resident_bytes = 0;
  std::optional<GatewayStatus> gateway;
  std::vector<LoopStatus> loops;
  std::vector<ProtocolStatus> protocols;
  std::vector<LinkStatus> links;
  std::vector<BreakerStatus> breakers;
  std::vector<CrashLoopStatus> crash_looping;  ///< the first hundred
  TreeStatus tree;                             ///< of supervision; its root is the node
};

}  // namespace troupe::observe
