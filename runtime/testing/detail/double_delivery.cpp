#include <troupe/testing/detail/double_delivery.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <troupe/cluster/probe_codec.hpp>
#include <troupe/cluster/scatter_gather.hpp>

namespace troupe::testing::detail {

namespace {

constexpr auto encoding = wire::Encoding::positional;

[[noreturn]] void refuse(const Envelope& envelope, const std::vector<Fault>& faults) {
  throw std::logic_error(std::string(envelope.info->protocol->name) + '.' + std::string(envelope.info->name) +
                         " does not come through the codec: " + cluster::describe(faults));
}

/// The same message as another node would read it.
EnvelopePtr through_codec(const Envelope& envelope) {
  Bytes octets;
  envelope.info->message_to_msgpack(envelope, octets, encoding);
  std::vector<Fault> faults;
  EnvelopePtr copy = envelope.info->from_msgpack(octets, encoding, faults);
  if (!copy) refuse(envelope, faults);
  copy->set_header(envelope.header());
  if (envelope.trace) copy->trace = std::make_unique<PageTrace>();
  return copy;
}

/// Takes an answer over as it would come from another node.
void take_answer(Envelope& into, const Envelope& answer) {
  std::vector<Fault> faults;
  if (answer.failure) {
    auto form = wire::from_msgpack<cluster::WireFailure>(
        wire::to_msgpack(cluster::wire_failure_of(*answer.failure), wire::Encoding::keyed), wire::Encoding::keyed);
    if (!form) refuse(into, form.faults());
    into.failure = cluster::failure_of(*std::move(form));
  } else if (into.trace) {
    const auto part =
        wire::from_msgpack<cluster::WirePart>(wire::to_msgpack(cluster::part_of(answer, encoding), encoding), encoding);
    if (!part || !cluster::read_part(into, *part, encoding, faults)) refuse(into, faults);
  } else {
    Bytes octets;
    answer.info->reply_to_msgpack(answer, octets, encoding);
    if (!into.info->reply_from_msgpack(into, octets, encoding, faults)) refuse(into, faults);
  }
  into.handled = answer.handled;
}

/// Whether an ask that came to this end may come again, by the effect class of its message.
bool may_come_again(const Envelope& asked) {
  const bool is_known_again = asked.one_way || asked.info->effect != Effect::once;
  return is_known_again && (!asked.failure || asked.failure->rejected());
}

std::string outcome_of(const Envelope& answered) {
  return answered.failure ? "failure " + answered.failure->code : answered.info->reply_to_json(answered);
}

}  // namespace

/// One ask: `asked` waits with its asker, a copy of it is away.
class DoubleDelivery::Carried final : public engine::RemoteAsker {
 public:
  Carried(DoubleDelivery& whole, engine::Host& host, EnvelopePtr asked, loop::Loop& from)
      : host(host), asked(std::move(asked)), from(from), whole_(whole), asker_(&from, this->asked->request) {
    if (this->asked->info->scope == Scope::entity) whole_.under_way_[asker_] = this;
  }
  ~Carried() override {
    const auto found = whole_.under_way_.find(asker_);
    if (found != whole_.under_way_.end() && found->second == this) whole_.under_way_.erase(found);
  }
  Carried(const Carried&) = delete;
  Carried& operator=(const Carried&) = delete;
  void respond(EnvelopePtr envelope) override { whole_.answered(*this, std::move(envelope)); }

  engine::Host& host;
  EnvelopePtr asked;
  loop::Loop& from;
  unsigned deliveries = 0;

 private:
  DoubleDelivery& whole_;
  const Asker asker_;
};

void DoubleDelivery::deliver(engine::Host& host, EnvelopePtr envelope, std::uint64_t, loop::Loop& from) {
  carry(host, Shared<Carried>(new Carried(*this, host, std::move(envelope), from)), from);
}

void DoubleDelivery::query(engine::Host& host, EnvelopePtr envelope, loop::Loop& from) {
  const Shared<cluster::ScatterGather> whole(
      new cluster::ScatterGather(std::move(envelope), 1, scatter_gathers_[&from]));
  for (auto& part : whole->make_parts()) {
    carry(host, Shared<Carried>(new Carried(*this, host, std::move(part), from)), from);
  }
}

void DoubleDelivery::follow(engine::Host& host, const Envelope& asked, std::uint64_t request,
                            const engine::deadlock::Probe& probe, loop::Loop& from) {
  const auto octets = cluster::write_probe(probe);
  const auto found = under_way_.find({&from, request});
  if (!octets || found == under_way_.end()) return;
  auto read = cluster::read_probe(*octets);
  if (!read) throw std::logic_error("a probe does not come through its codec");
  engine_.visit(host, asked.target, found->second->number(), from, *std::move(read));
}

void DoubleDelivery::carry(engine::Host& host, Shared<Carried> carried, loop::Loop& from) {
  EnvelopePtr copy = through_codec(*carried->asked);
  copy->attempt = static_cast<std::uint16_t>(copy->attempt + carried->deliveries++);
  copy->responder = std::move(carried);
  engine_.accept(host, std::move(copy), from);
}

void DoubleDelivery::answered(Carried& carried, EnvelopePtr copy) {
  const Shared<Carried> keep(&carried);
  Envelope& asked = *carried.asked;
  if (carried.deliveries == 1) {
    take_answer(asked, *copy);
    if (may_come_again(asked)) return carry(carried.host, keep, carried.from);
  } else {
    compare(carried, *copy);
  }
  asked.done = true;
  engine::Engine::answer(std::move(carried.asked));
}

void DoubleDelivery::compare(const Carried& carried, const Envelope& second) {
  const Envelope& first = *carried.asked;
  if (second.failure && !second.failure->rejected()) return;  // as open as if it had been lost
  const std::string was = outcome_of(first);
  const std::string is = outcome_of(second);
  // An operation that is remembered has one answer. Of others, what lies between may change the words.
  const bool remembered = !first.operation.is_nil() && !first.failure;
  const bool same_kind = !first.failure == !second.failure && (!first.failure || was == is);
  if (remembered ? was == is : same_kind) return;
  reports_.trouble(std::string(first.info->protocol->name) + '.' + std::string(first.info->name) +
                   " delivered twice came to " + was + ", then to " + is);
}

}  // namespace troupe::testing::detail
