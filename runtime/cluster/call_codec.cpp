#include <troupe/cluster/call_codec.hpp>

namespace troupe::cluster {

Bytes octets_of(const Key& key) {
  const std::string octets = key.to_bytes();
  const auto* first = reinterpret_cast<const std::byte*>(octets.data());
  return {first, first + octets.size()};
}

Bytes& emptied(Bytes& scratch) {
  constexpr std::size_t kept_capacity = 64 << 10;
  if (scratch.capacity() > kept_capacity) Bytes().swap(scratch);
  scratch.clear();
  return scratch;
}

Call call_of(const Envelope& envelope) {
  Call call;
  call.protocol = envelope.info->protocol->name;
  call.message = envelope.info->name;
  if (envelope.info->scope == Scope::entity) call.key = octets_of(envelope.target);
  call.operation = envelope.operation;
  call.attempt = envelope.attempt;
  call.one_way = envelope.one_way;
  call.repeatable = envelope.repeatable;
  if (envelope.origin) {
    call.principal = envelope.origin->principal;
    call.trace = envelope.origin->trace;
  }
  for (const ChainLink* link = envelope.chain.get(); link; link = link->parent.get()) {
    const std::string_view protocol = link->protocol ? link->protocol->name : std::string_view();
    call.chain.push_back({std::string(protocol), octets_of(link->key), link->effect});
  }
  envelope.info->message_to_msgpack(envelope, call.body, wire::Encoding::keyed);
  return call;
}

WireFailure wire_failure_of(const Failure& failure, Handled handled) {
  return {failure.kind, failure.code, failure.detail, failure.faults, failure.passed_on, handled == Handled::yes};
}

std::unique_ptr<Failure> failure_of(WireFailure wire_failure) {
  auto failure = std::make_unique<Failure>(wire_failure.kind, std::move(wire_failure.code),
                                           std::move(wire_failure.detail), std::move(wire_failure.faults));
  failure->passed_on = wire_failure.passed_on;
  return failure;
}

WirePart part_of(const Envelope& envelope, wire::Encoding encoding) {
  WirePart part;
  envelope.info->reply_to_msgpack(envelope, part.reply, encoding);
  if (!envelope.trace) return part;
  for (const Cursor& place : envelope.trace->places) part.keys.push_back(place.to_bytes());
  part.limit = envelope.trace->limit;
  part.ascending = envelope.trace->direction == Direction::ascending;
  return part;
}

bool read_part(Envelope& envelope, const WirePart& part, wire::Encoding encoding, std::vector<Fault>& faults) {
  if (!envelope.info->reply_from_msgpack(envelope, part.reply, encoding, faults)) return false;
  auto trace = std::make_unique<PageTrace>();
  trace->limit = part.limit;
  trace->direction = part.ascending ? Direction::ascending : Direction::descending;
  for (std::size_t i = 0; i < part.keys.size(); ++i) {
    auto place = Cursor::from_bytes(part.keys[i]);
    if (!place) {
      faults.push_back({"/keys/" + std::to_string(i), "must be the octets of a key, or of a value and a key"});
      return false;
    }
    trace->places.push_back(std::move(*place));
  }
  envelope.trace = std::move(trace);
  return true;
}

std::string describe(const std::vector<Fault>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (!text.empty()) text += "; ";
    text += (fault.pointer.empty() ? std::string("it") : fault.pointer) + ' ' + fault.detail;
  }
  return text;
}

}  // namespace troupe::cluster
