#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <troupe/contract/failure.hpp>
#include <troupe/contract/key.hpp>
#include <troupe/contract/message_info.hpp>
#include <troupe/contract/page.hpp>
#include <troupe/contract/principal.hpp>
#include <troupe/contract/protocol.hpp>
#include <troupe/contract/shared.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::engine {
struct LoopState;
}

/// The envelope: a message under way, with all that travels beside it. Domain code does not see it.
namespace troupe {

/// On whose behalf a whole chain of calls runs, and the trace that it belongs to. Made once, at the edge.
struct Origin final : RefCounted {
  Principal principal;
  std::string trace;  ///< W3C trace-id, 32 hexadecimal digits; empty: not traced

  Origin(Principal principal, std::string trace) : principal(std::move(principal)), trace(std::move(trace)) {}
};

/// One turn of a call chain, linked to the turn that asked it.
struct ChainLink final : RefCounted {
  const ProtocolInfo* protocol;
  Key key;
  Effect effect;  ///< of the message that the turn handles
  std::uint16_t depth;
  Shared<ChainLink> parent;

  ChainLink(const ProtocolInfo* protocol, Key key, Effect effect, Shared<ChainLink> parent)
      : protocol(protocol),
        key(std::move(key)),
        effect(effect),
        depth(parent ? static_cast<std::uint16_t>(parent->depth + 1) : std::uint16_t{1}),
        parent(std::move(parent)) {}
};

inline constexpr std::uint16_t max_chain_depth = 32;

/// Where an answer goes that no coroutine of this node waits for.
class Responder : public RefCounted {
 public:
  /// On the loop that the envelope names in `reply_to`.
  virtual void respond(EnvelopePtr envelope) = 0;
};

/// Whose rows a directory message asks for.
enum class Extent : std::uint8_t {
  everywhere,
  here,  ///< those of the node that asks
};

/// What travels beside a message, wherever it goes: the same for every copy of it.
struct EnvelopeHeader {
  Key target;
  Instant deadline{};
  Shared<Origin> origin;
  Shared<ChainLink> chain;    ///< of the asker; null at the edge
  Uuid operation;             ///< of `keyed` messages and of sends; else nil
  std::uint16_t attempt = 0;  ///< above 0: an earlier attempt may have been executed
  bool one_way = false;       ///< a send: delivered from an outbox
  bool repeatable = false;    ///< it may be asked again: its handler gets a copy of the message
  Extent extent = Extent::everywhere;
};

/// A message under way, then its answer: the same object travels back.
///
/// Threads: owned by one loop at a time; handing it over is the only synchronisation.
class Envelope : public RefCounted, public EnvelopeHeader {
 public:
  const MessageInfo* const info;

  const EnvelopeHeader& header() const { return *this; }
  void set_header(const EnvelopeHeader& header) { static_cast<EnvelopeHeader&>(*this) = header; }

  // Where the answer goes; the engine's business.
  engine::LoopState* reply_to = nullptr;
  std::uint64_t request = 0;
  Shared<Responder> responder;  ///< in place of a waiting request

  // The answer: a reply in the TypedEnvelope, or this.
  std::unique_ptr<Failure> failure;
  std::unique_ptr<PageTrace> trace;  ///< of a directory's part: set by who wants it, filled by the handler
  bool done = false;                 ///< the answer is final: what it stands on is committed
  bool handled = false;              ///< its turn has started; the receiver's to set

  Envelope* next_in_queue = nullptr;  ///< of the one queue that holds it

 protected:
  explicit Envelope(const MessageInfo* info) : info(info) {}
};

}  // namespace troupe
