#include <troupe/cluster/ask_codec.hpp>

#include <array>
#include <cstring>
#include <stdexcept>

#include <troupe/wire/enumerators.hpp>
#include <troupe/wire/utf8.hpp>

namespace troupe::cluster {

namespace {

// Bits of the head's first octet.
constexpr std::uint8_t has_operation = 1;
constexpr std::uint8_t is_one_way = 2;
constexpr std::uint8_t is_repeatable = 4;

// The tags of Key::to_bytes().
constexpr std::uint8_t id_tag = 1;
constexpr std::uint8_t text_tag = 2;

/// Appends to octets; numbers have their most significant octet first.
class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void number(std::uint8_t value) { out_.push_back(std::byte{value}); }
  void number(std::uint16_t value) {
    number(static_cast<std::uint8_t>(value >> 8));
    number(static_cast<std::uint8_t>(value));
  }
  void raw(const void* octets, std::size_t size) {
    const std::size_t at = out_.size();
    out_.resize(at + size);
    std::memcpy(out_.data() + at, octets, size);
  }
  void size(std::size_t value) {
    if (value > UINT16_MAX) throw std::length_error("a text of an ask's head is longer than 65535 octets");
    number(static_cast<std::uint16_t>(value));
  }
  void text(std::string_view value) {
    size(value.size());
    if (!value.empty()) raw(value.data(), value.size());
  }
  void id(Uuid value) {
    const auto octets = to_bytes(value);
    raw(octets.data(), octets.size());
  }
  void key(const Key& value) {
    size(1 + (value.is_text() ? value.text().size() : sizeof(Uuid)));
    number(value.is_text() ? text_tag : id_tag);
    if (!value.is_text()) return id(value.id());
    raw(value.text().data(), value.text().size());
  }

 private:
  Bytes& out_;
};

/// Reads what a Writer wrote; after an end that comes too early, everything is empty.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> octets) : left_(octets) {}

  std::span<const std::byte> raw(std::size_t size) {
    whole_ = whole_ && size <= left_.size();
    if (!whole_) return {};
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  std::uint8_t octet() {
    const auto taken = raw(1);
    return taken.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(taken[0]);
  }
  std::uint16_t number() {
    const auto taken = raw(2);
    if (taken.empty()) return 0;
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(taken[0]) << 8 | std::to_integer<unsigned>(taken[1]));
  }
  std::span<const std::byte> octets() { return raw(number()); }
  std::string_view text() {
    const auto taken = octets();
    const std::string_view text(reinterpret_cast<const char*>(taken.data()), taken.size());
    whole_ = whole_ && wire::is_utf8(text);
    return text;
  }
  Uuid id() {
    std::array<std::byte, sizeof(Uuid)> octets{};
    const auto taken = raw(octets.size());
    if (!taken.empty()) std::memcpy(octets.data(), taken.data(), octets.size());
    return uuid_from_bytes(octets);
  }
  template <class E>
  E enumerator() {
    const std::uint8_t value = octet();
    whole_ = whole_ && value < wire::enumerators<E>.size();
    return static_cast<E>(whole_ ? value : 0);
  }
  std::span<const std::byte> rest() const { return left_; }
  bool whole() const { return whole_; }

 private:
  std::span<const std::byte> left_;
  bool whole_ = true;
};

void write_compact(Bytes& out, const Envelope& envelope) {
  Writer head(out);
  const bool operation = !envelope.operation.is_nil();
  head.number(static_cast<std::uint8_t>((operation ? has_operation : 0) | (envelope.one_way ? is_one_way : 0) |
                                        (envelope.repeatable ? is_repeatable : 0)));
  head.number(envelope.attempt);
  head.text(envelope.info->protocol->name);
  head.text(envelope.info->name);
  if (envelope.info->scope == Scope::entity) {
    head.key(envelope.target);
  } else {
    head.size(0);
  }
  if (operation) head.id(envelope.operation);
  const Principal nobody;
  const Principal& principal = envelope.origin ? envelope.origin->principal : nobody;
  head.number(static_cast<std::uint8_t>(principal.kind));
  if (principal.kind == Principal::Kind::user) head.id(principal.user);
  head.text(principal.role);
  head.text(envelope.origin ? std::string_view(envelope.origin->trace) : std::string_view());
  const ChainLink* nearest = envelope.chain.get();
  head.number(nearest ? nearest->depth : std::uint16_t{0});
  for (const ChainLink* link = nearest; link; link = link->parent.get()) {
    head.text(link->protocol ? link->protocol->name : std::string_view());
    head.key(link->key);
    head.number(static_cast<std::uint8_t>(link->effect));
  }
  envelope.info->message_to_msgpack(envelope, out, wire::Encoding::positional);
}

}  // namespace

void write_ask(Bytes& out, const Envelope& envelope, wire::Encoding encoding) {
  if (encoding == wire::Encoding::positional) return write_compact(out, envelope);
  wire::write_msgpack(out, call_of(envelope), encoding);
}

bool AskReader::read(std::span<const std::byte> octets, wire::Encoding encoding, std::vector<Fault>& faults) {
  return encoding == wire::Encoding::keyed ? read_keyed(octets, faults) : read_compact(octets, faults);
}

bool AskReader::read_keyed(std::span<const std::byte> octets, std::vector<Fault>& faults) {
  auto call = wire::from_msgpack<Call>(octets, wire::Encoding::keyed);
  if (!call) {
    faults = call.faults();
    return false;
  }
  call_ = std::move(*call);
  view = {call_.protocol,  call_.message, call_.key, call_.operation, call_.attempt, call_.one_way, call_.repeatable,
          call_.principal, call_.trace,   {},        call_.body};
  for (const Hop& hop : call_.chain) view.chain.push_back({hop.protocol, hop.key, hop.effect});
  return true;
}

bool AskReader::read_compact(std::span<const std::byte> octets, std::vector<Fault>& faults) {
  Reader head(octets);
  const std::uint8_t bits = head.octet();
  view.one_way = (bits & is_one_way) != 0;
  view.repeatable = (bits & is_repeatable) != 0;
  view.attempt = head.number();
  view.protocol = head.text();
  view.message = head.text();
  view.key = head.octets();
  if ((bits & has_operation) != 0) view.operation = head.id();
  view.principal.kind = head.enumerator<Principal::Kind>();
  if (view.principal.kind == Principal::Kind::user) view.principal.user = head.id();
  view.principal.role = head.text();
  view.trace = head.text();
  for (std::uint16_t hops = head.number(); hops > 0 && head.whole(); --hops) {
    AskView::Waiter& waiter = view.chain.emplace_back();
    waiter.protocol = head.text();
    waiter.key = head.octets();
    waiter.effect = head.enumerator<Effect>();
  }
  view.body = head.rest();
  if (!head.whole()) faults.push_back({"", "has a head that ends too early or says what does not exist, or no text"});
  return head.whole();
}

}  // namespace troupe::cluster
