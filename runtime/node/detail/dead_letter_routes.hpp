#pragma once

#include <optional>
#include <string>

#include <troupe/engine/dead_letters.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/http/service.hpp>

namespace troupe::node {

/// `/dead-letters` of the operations listener: lists, shows, retries and drops the sends of this node's entities that
/// were given up. Threads: the engine's first loop.
class DeadLetterRoutes {
 public:
  DeadLetterRoutes(engine::Engine& engine, std::string node, std::string topology);

  /// Whether the path is one of its own; then `handle` answers.
  static bool has(const http::Request& request);
  void handle(const http::Request& request, http::Respond respond);

 private:
  void list(const http::Request& request, http::Respond respond);
  /// What is answered to whoever named one letter.
  engine::DeadLetters::Then<DeadLetter> answer_with(DeadLetterId id, http::Respond respond) const;
  std::string page_json(const engine::DeadLetterPage& page) const;
  std::string letter_json(const DeadLetterId& id, const DeadLetter& letter) const;

  engine::Engine& engine_;
  engine::DeadLetters letters_;
  const std::string node_;
  const std::string topology_;
};

}  // namespace troupe::node
