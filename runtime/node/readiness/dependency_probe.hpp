#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/message_info.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/node/application.hpp>
#include <troupe/observe/health.hpp>

namespace troupe::node {

/// Whether every protocol that a gateway's routes need has answered this node once, wherever it stands: before that, a
/// gateway is not ready. What has answered is not asked again; should it go away later, requests tell of that.
///
/// A protocol is asked a question that changes nothing and needs to know nothing: a read of its directory, which all of
/// its nodes answer, else a read without fields. One that has neither is taken to answer.
/// Threads: the first loop's. Lifetime: outlives the engine's work.
class DependencyProbe {
 public:
  /// The engine hosts or knows the protocols; others are passed over.
  DependencyProbe(engine::Engine& engine, std::string node, const std::vector<std::string>& protocols);

  /// Asks those that have not answered, and calls `then` when all were heard or had their time; at once if none lacks.
  void ask_missing(std::function<void()> then);

  /// One for each protocol.
  std::vector<observe::Check> checks() const;

 private:
  struct Candidate {
    std::string_view protocol;
    const MessageInfo* question;
    bool answered = false;
    std::string trouble = "it has not been asked yet";
  };

  void ask(Candidate& candidate);
  /// One question less is open.
  void end_one();

  engine::Engine& engine_;
  const std::string node_;
  std::vector<Candidate> candidates_;
  std::size_t open_ = 0;  ///< questions that have not been heard, and the asking itself
  std::vector<std::function<void()>> waiting_;
};

/// What the routes of an application need: all protocols of the domains that have any.
std::vector<std::string> protocols_behind_routes(const Application& application);

}  // namespace troupe::node
