#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <troupe/contract/dead_letter_id.hpp>
#include <troupe/contract/failure.hpp>
#include <troupe/contract/store.hpp>
#include <troupe/loop/loop.hpp>

namespace troupe::engine {

class Engine;
class Host;

/// A part of the dead letters of a node: by the sender's protocol, then by the time when they were sent.
struct DeadLetterPage {
  struct Entry {
    std::string protocol;  ///< of the sender
    DeadLetter letter;     ///< without the message's body
  };
  std::vector<Entry> letters;
  std::optional<DeadLetterId> next;  ///< the last of these, where there are more
};

/// The dead letters of a node's protocols, for whoever operates it: looks at them, has them delivered again, drops
/// them.
///
/// Failures: `not_found`, and to retry what its receiver may have forgotten (30 days old) `operation_forgotten`, are
/// rejections; else as the store says. Lifetime: the engine's. Threads: `then` is called on `loop`, where it was asked.
class DeadLetters {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;

  explicit DeadLetters(Engine& engine) : engine_(engine) {}

  /// At most `limit` of those beyond `after`.
  void list(loop::Loop& loop, std::optional<DeadLetterId> after, std::size_t limit, Then<DeadLetterPage> then);
  /// One, whole.
  void find(loop::Loop& loop, const DeadLetterId& id, Then<DeadLetter> then);
  /// Puts it back to its place in the outbox, as the same operation: a receiver that has done it knows it again.
  void retry(loop::Loop& loop, const DeadLetterId& id, Then<DeadLetter> then);
  void drop(loop::Loop& loop, const DeadLetterId& id, Then<DeadLetter> then);

 private:
  void move(loop::Loop& loop, const DeadLetterId& id, DeadLetterMove::Action action, Then<DeadLetter> then);

  Engine& engine_;
};

}  // namespace troupe::engine
