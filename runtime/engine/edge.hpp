#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/envelope.hpp>
#include <troupe/resilience/backoff.hpp>
#include <troupe/resilience/breaker.hpp>
#include <troupe/resilience/call_policy.hpp>
#include <troupe/resilience/retry_budget.hpp>

namespace troupe::engine {

class Host;

/// Caller protocol to callee protocol: where the callee is hosted, and the policy of the calls between the two.
///
/// It has a breaker and a retry budget for each node that calls go to: a node that is out of reach is no reason to keep
/// calls from the others.
class Edge {
 public:
  /// What one loop counts.
  struct alignas(64) LoopCounters {
    resilience::RetryBudget budget;
    std::atomic<std::uint64_t> retries{0};  ///< written by its loop only

    LoopCounters(std::uint32_t budget_percent, Instant now) : budget(budget_percent, now) {}
  };

  /// The calls of an edge that go to the same place. Threads: counters() on its loop only; the rest from any.
  class Branch {
   public:
    Branch(const Edge& edge, std::string to, const resilience::CallPolicy& policy, std::size_t loops, Instant now);

    const Edge& edge() const { return edge_; }
    /// A node, if its name is known; or "all nodes", for what asks them all at once.
    const std::string& to() const { return to_; }
    std::string name() const { return to_.empty() ? edge_.name() : edge_.name() + " (" + to_ + ')'; }
    resilience::Breaker* breaker() const { return breaker_.get(); }
    LoopCounters& counters(std::size_t loop) const { return *counters_[loop]; }
    std::uint64_t retries() const;

   private:
    const Edge& edge_;
    const std::string to_;
    std::unique_ptr<resilience::Breaker> breaker_;
    std::vector<std::unique_ptr<LoopCounters>> counters_;
  };

  /// Which messages of the callee the caller declares, by their index; unset: it may ask any.
  using Declared = std::optional<std::vector<bool>>;

  Edge(std::string from, Host& to, const resilience::CallPolicy& policy, std::size_t loops, Instant now,
       Declared declared);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  const std::string& from() const { return from_; }
  std::string_view to() const;
  std::string name() const { return from_ + " -> " + std::string(to()); }
  Host& host() const { return to_; }
  bool declares(const MessageInfo& message) const { return !declared_ || (*declared_)[message.index]; }

  /// How long one attempt may take; a day stands for no limit.
  Duration timeout() const { return timeout_; }
  std::uint32_t attempts() const { return attempts_; }

  /// The one that this message takes.
  Branch& branch_of(const Envelope& envelope) const {
    return branches_.size() == 1 ? *branches_.front() : *branches_[position_of(envelope)];
  }
  const std::vector<std::unique_ptr<Branch>>& branches() const { return branches_; }
  std::uint64_t retries() const;

 private:
  std::size_t position_of(const Envelope& envelope) const;

  const std::string from_;
  Host& to_;
  const Duration timeout_;
  const std::uint32_t attempts_;
  const Declared declared_;
  std::vector<std::unique_ptr<Branch>> branches_;
};

/// What policies call the caller of asks that no entity makes.
inline constexpr std::string_view gateway_caller = "gateway";

/// Who asks, as policies name it: a protocol, or "gateway" for all that is no entity's turn; with its edges.
///
/// Threads: any, once the engine has started.
class Caller {
 public:
  explicit Caller(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  /// Whose policies bound its calls: its own, unless it calls for another.
  const std::string& bound_as() const { return bound_as_.empty() ? name_ : bound_as_; }
  void bind_as(std::string name) { bound_as_ = std::move(name); }
  /// What calls as it declares that it asks these messages of others; those of `own`, where it has any, it need not.
  void restrict_to(const ProtocolInfo* own, std::vector<const MessageInfo*> messages) {
    own_ = own;
    messages_ = std::move(messages);
  }
  Edge::Declared declared_of(const ProtocolInfo& to) const;
  void add(const ProtocolInfo& to, Edge& edge) { edges_.emplace(&to, &edge); }
  /// Null: nobody hosts the protocol.
  Edge* edge_to(const ProtocolInfo* to) const {
    const auto it = edges_.find(to);
    return it == edges_.end() ? nullptr : it->second;
  }

 private:
  std::string name_;
  std::string bound_as_;
  const ProtocolInfo* own_ = nullptr;
  std::optional<std::vector<const MessageInfo*>> messages_;  ///< unset: it may ask anything
  boost::unordered_flat_map<const ProtocolInfo*, Edge*> edges_;
};

/// The policy of an edge, by the names of caller and callee.
using CallPolicies = std::function<resilience::CallPolicy(std::string_view from, std::string_view to)>;

/// What is known of an ask while it is tried, beside its envelope.
struct Attempts {
  enum class Phase : std::uint8_t {
    under_way,
    backing_off,  ///< the last attempt failed; the next one waits
  };

  Edge::Branch* branch = nullptr;
  std::unique_ptr<Failure> uncertain;  ///< of an earlier attempt that may have been executed
  std::uint32_t made = 0;
  Phase phase = Phase::under_way;
  resilience::Breaker::Permit permit = resilience::Breaker::Permit::call;
};

}  // namespace troupe::engine
