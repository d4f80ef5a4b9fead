#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/actor/detail/pool.hpp"
#include "runtime/actor/failure.hpp"
#include "runtime/actor/key.hpp"
#include "runtime/actor/page.hpp"
#include "runtime/actor/principal.hpp"
#include "runtime/actor/protocol.hpp"
#include "runtime/wire/json.hpp"
#include "runtime/wire/msgpack.hpp"
#include "runtime/wire/schema.hpp"

/// The envelope: a message under way, with all that travels beside it. Domain code does not see it.
namespace troupe {

/// A point of the engine's monotonic clock; in a simulation, of virtual time.
using Instant = std::chrono::steady_clock::time_point;

/// An intrusive pointer for objects that count their own references, across threads.
template <class T>
class Shared {
 public:
  Shared() = default;
  explicit Shared(T* object) : object_(object) {
    if (object_) object_->retain();
  }
  Shared(const Shared& other) : Shared(other.object_) {}
  Shared(Shared&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Shared(Shared<U> other) noexcept : object_(other.release()) {}  // NOLINT(google-explicit-constructor)
  Shared& operator=(Shared other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Shared() {
    if (object_) object_->drop();
  }

  /// Takes over a reference that release() gave away.
  static Shared adopt(T* object) {
    Shared s;
    s.object_ = object;
    return s;
  }
  T* release() { return std::exchange(object_, nullptr); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  friend bool operator==(const Shared&, const Shared&) = default;

 private:
  T* object_ = nullptr;
};

/// Reference counting for Shared. The last owner deletes through the virtual destructor.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void retain() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept {
    // A sole owner needs no read-modify-write.
    if (count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete this;
    }
  }

  static void* operator new(std::size_t size) { return detail::pool_allocate(size); }
  static void operator delete(void* p, std::size_t size) noexcept { detail::pool_release(p, size); }

 protected:
  virtual ~RefCounted() = default;

 private:
  std::atomic<std::uint32_t> count_{0};
};

/// On whose behalf a whole chain of calls runs, and the trace that it belongs to. Made once, at the edge.
struct Origin final : RefCounted {
  Principal principal;
  std::string trace;  ///< W3C trace-id, 32 hexadecimal digits; empty: not traced

  Origin(Principal principal, std::string trace) : principal(std::move(principal)), trace(std::move(trace)) {}
};

struct ProtocolInfo;

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

class Envelope;
using EnvelopePtr = Shared<Envelope>;

/// What the engine knows of a message type: its place in its protocol, and its codecs.
struct MessageInfo {
  const ProtocolInfo* protocol;
  std::uint16_t index;
  std::string_view name;
  Effect effect;
  Scope scope;
  std::string (*message_to_json)(const Envelope&);
  std::string (*reply_to_json)(const Envelope&);
  /// Errors: a null pointer, with the faults.
  EnvelopePtr (*from_json)(std::string_view json, std::vector<Fault>& faults);
  /// Sets the reply from its stored form. Errors: false, with the faults.
  bool (*reply_from_json)(Envelope&, std::string_view json, std::vector<Fault>& faults);
  /// Applies the message's own field rules.
  void (*validate)(const Envelope&, std::vector<Fault>& faults);
  /// A new envelope with a copy of the message, to be asked in place of the first: of the same asker, for the same
  /// operation. Reads only what nobody writes while the first is under way. Null: the message can't be copied.
  EnvelopePtr (*copy)(const Envelope&);

  // Between nodes.
  wire::SchemaOf message_schema;
  wire::SchemaOf reply_schema;
  void (*message_to_msgpack)(const Envelope&, Bytes& out, wire::Encoding);
  void (*reply_to_msgpack)(const Envelope&, Bytes& out, wire::Encoding);
  /// Errors: a null pointer, with the faults.
  EnvelopePtr (*from_msgpack)(std::span<const std::byte> octets, wire::Encoding, std::vector<Fault>& faults);
  /// Errors: false, with the faults.
  bool (*reply_from_msgpack)(Envelope&, std::span<const std::byte> octets, wire::Encoding, std::vector<Fault>& faults);
  /// Of directory messages: sets the reply from those of `parts`, which are consumed, or a failure.
  void (*merge)(Envelope& whole, std::span<const EnvelopePtr> parts);
};

struct ProtocolInfo {
  std::string_view name;
  const MessageInfo* const* messages;
  std::size_t size;
};

/// Null: the protocol has no message of this name.
inline const MessageInfo* find_message_of(const ProtocolInfo& protocol, std::string_view name) {
  for (std::size_t i = 0; i < protocol.size; ++i) {
    if (protocol.messages[i]->name == name) return protocol.messages[i];
  }
  return nullptr;
}

/// Where an answer goes that no coroutine of this node waits for.
class Responder : public RefCounted {
 public:
  /// On the loop that the envelope names in `reply_to`.
  virtual void respond(EnvelopePtr envelope) = 0;
};

/// Whose rows a directory message asks for.
enum class Reach : std::uint8_t {
  everywhere,
  here,  ///< those of the node that asks
};

/// A message under way, then its answer: the same object travels back.
///
/// Threads: owned by one loop at a time; handing it over is the only synchronisation.
class Envelope : public RefCounted {
 public:
  const MessageInfo* const info;
  Key target;
  Instant deadline{};
  Shared<Origin> origin;
  Shared<ChainLink> chain;    ///< of the asker; null at the edge
  Uuid operation;             ///< of `keyed` messages and of sends; else nil
  std::uint16_t attempt = 0;  ///< above 0: an earlier attempt may have been executed
  bool one_way = false;       ///< a send: delivered from an outbox
  bool repeatable = false;    ///< it may be asked again: its handler gets a copy of the message
  bool handled = false;       ///< its turn has started; the receiver's to set
  Reach reach = Reach::everywhere;

  // Where the answer goes; the engine's business.
  void* reply_to = nullptr;
  std::uint64_t request = 0;
  Shared<Responder> responder;  ///< in place of a waiting request

  // The answer: a reply in the Letter, or this.
  std::unique_ptr<Failure> failure;
  std::unique_ptr<PageTrace> trace;  ///< of a directory's part: set by who wants it, filled by the handler
  bool done = false;                 ///< the answer is final: what it stands on is committed

  Envelope* next_in_queue = nullptr;  ///< of the one queue that holds it

 protected:
  explicit Envelope(const MessageInfo* info) : info(info) {}
};

/// An envelope with its message and room for the reply.
template <Message M>
class Letter final : public Envelope {
 public:
  M message;
  std::optional<ReplyOf<M>> reply;

  template <class... A>
  explicit Letter(const MessageInfo* info, std::in_place_t, A&&... args)
      : Envelope(info), message{std::forward<A>(args)...} {}
  Letter(const MessageInfo* info, M&& m) : Envelope(info), message(std::move(m)) {}
};

namespace detail {

template <Message M>
std::string message_to_json(const Envelope& e) {
  return wire::to_json(static_cast<const Letter<M>&>(e).message);
}

template <Message M>
std::string reply_to_json(const Envelope& e) {
  return wire::to_json(*static_cast<const Letter<M>&>(e).reply);
}

template <Message M>
bool reply_from_json(Envelope& e, std::string_view json, std::vector<Fault>& faults) {
  auto decoded = wire::from_stored_json<ReplyOf<M>>(json);
  if (!decoded) {
    faults = decoded.faults();
    return false;
  }
  static_cast<Letter<M>&>(e).reply.emplace(std::move(*decoded));
  return true;
}

template <Message M>
void validate(const Envelope& e, std::vector<Fault>& faults) {
  wire::validate(static_cast<const Letter<M>&>(e).message, faults);
}

template <Message M>
void message_to_msgpack(const Envelope& e, Bytes& out, wire::Encoding encoding) {
  wire::write_msgpack(out, static_cast<const Letter<M>&>(e).message, encoding);
}

template <Message M>
void reply_to_msgpack(const Envelope& e, Bytes& out, wire::Encoding encoding) {
  wire::write_msgpack(out, *static_cast<const Letter<M>&>(e).reply, encoding);
}

template <Message M>
bool reply_from_msgpack(Envelope& e, std::span<const std::byte> octets, wire::Encoding encoding,
                        std::vector<Fault>& faults) {
  auto decoded = wire::from_msgpack<ReplyOf<M>>(octets, encoding);
  if (!decoded) {
    faults = decoded.faults();
    return false;
  }
  static_cast<Letter<M>&>(e).reply.emplace(std::move(*decoded));
  return true;
}

template <Message M>
EnvelopePtr copy_letter(const Envelope& e) {
  EnvelopePtr copy(new Letter<M>(e.info, M(static_cast<const Letter<M>&>(e).message)));
  copy->target = e.target;
  copy->origin = e.origin;
  copy->chain = e.chain;
  copy->operation = e.operation;
  copy->attempt = e.attempt;
  copy->one_way = e.one_way;
  copy->reach = e.reach;
  return copy;
}
template <Message M>
inline constexpr EnvelopePtr (*copier_of)(const Envelope&) = [] {
  if constexpr (std::is_copy_constructible_v<M>) {
    return &copy_letter<M>;
  } else {
    return nullptr;
  }
}();

/// Such a page would lose its rows where several nodes share them out, so it is an error wherever it is made.
inline std::unique_ptr<Failure> untraced_page(const MessageInfo& info) {
  return std::make_unique<Failure>(Failure::Kind::unknown, std::string(failure_code::actor_crashed),
                                   "the page that answers " + std::string(info.protocol->name) + '.' +
                                       std::string(info.name) + " was not made by rows.page(), or was changed after");
}

template <Message M>
void merge_letters(Envelope& whole, std::span<const EnvelopePtr> parts) {
  using Reply = ReplyOf<M>;
  static_assert(Mergeable<Reply>, "the reply of a directory message is a Page or a vector: rows lie on several nodes");
  static_assert(std::is_copy_constructible_v<M>, "a directory message can be copied: each node gets one");
  std::vector<DirectoryPart<Reply>> replies;
  for (const auto& part : parts) {
    auto& letter = static_cast<Letter<M>&>(*part);
    replies.push_back({std::move(*letter.reply), letter.trace ? std::move(*letter.trace) : PageTrace{}});
    if (is_traced(replies.back().reply, replies.back().trace)) continue;
    whole.failure = untraced_page(*whole.info);
    return;
  }
  static_cast<Letter<M>&>(whole).reply.emplace(merge_parts(std::move(replies)));
}
template <Message M>
inline constexpr void (*merger_of)(Envelope&, std::span<const EnvelopePtr>) = [] {
  if constexpr (scope_of<M> == Scope::directory) {
    return &merge_letters<M>;
  } else {
    return nullptr;
  }
}();

template <class Api, class M>
EnvelopePtr letter_from_json(std::string_view json, std::vector<Fault>& faults);
template <class Api, class M>
EnvelopePtr letter_from_msgpack(std::span<const std::byte> octets, wire::Encoding encoding, std::vector<Fault>& faults);

/// Static members, since descriptors of messages and of their protocol point to each other.
template <class Api>
struct Descriptors {
  static const ProtocolInfo protocol;
  template <Message M>
  static const MessageInfo message;
};

template <class Api>
struct MessageList;
template <FixedString Name, Message... Ms>
struct MessageList<Protocol<Name, Ms...>> {
  static constexpr const MessageInfo* messages[] = {&Descriptors<Protocol<Name, Ms...>>::template message<Ms>...};
};

template <class Api>
const ProtocolInfo Descriptors<Api>::protocol = {Api::name, MessageList<Api>::messages, Api::size};

template <class Api>
template <Message M>
const MessageInfo Descriptors<Api>::message = {
    &Descriptors<Api>::protocol,
    static_cast<std::uint16_t>(Api::template index_of<M>),
    wire::type_name<M>(),
    effect_of<M>,
    scope_of<M>,
    &message_to_json<M>,
    &reply_to_json<M>,
    &letter_from_json<Api, M>,
    &reply_from_json<M>,
    &validate<M>,
    copier_of<M>,
    &wire::schema_of<M>,
    &wire::schema_of<ReplyOf<M>>,
    &message_to_msgpack<M>,
    &reply_to_msgpack<M>,
    &letter_from_msgpack<Api, M>,
    &reply_from_msgpack<M>,
    merger_of<M>,
};

}  // namespace detail

/// The descriptor of message M in protocol Api; its address identifies it in this process.
template <class Api, Message M>
inline constexpr const MessageInfo& message_info = detail::Descriptors<Api>::template message<M>;

/// The descriptor of protocol Api; its address identifies it in this process.
template <class Api>
inline constexpr const ProtocolInfo& protocol_info = detail::Descriptors<Api>::protocol;

namespace detail {

template <class Api, class M>
EnvelopePtr letter_from_json(std::string_view json, std::vector<Fault>& faults) {
  auto decoded = wire::from_stored_json<M>(json);
  if (!decoded) {
    faults = decoded.faults();
    return {};
  }
  return EnvelopePtr(new Letter<M>(&message_info<Api, M>, std::move(*decoded)));
}

template <class Api, class M>
EnvelopePtr letter_from_msgpack(std::span<const std::byte> octets, wire::Encoding encoding,
                                std::vector<Fault>& faults) {
  auto decoded = wire::from_msgpack<M>(octets, encoding);
  if (!decoded) {
    faults = decoded.faults();
    return {};
  }
  return EnvelopePtr(new Letter<M>(&message_info<Api, M>, std::move(*decoded)));
}

/// A letter of M from its fields in order, or from one message that is moved in.
template <class Api, Message M, class... Fields>
EnvelopePtr make_letter(Fields&&... fields) {
  if constexpr (sizeof...(Fields) == 1 && (std::is_same_v<std::remove_cvref_t<Fields>, M> && ...)) {
    return EnvelopePtr(new Letter<M>(&message_info<Api, M>, M(std::forward<Fields>(fields)...)));
  } else {
    return EnvelopePtr(new Letter<M>(&message_info<Api, M>, std::in_place, std::forward<Fields>(fields)...));
  }
}

}  // namespace detail

}  // namespace troupe
