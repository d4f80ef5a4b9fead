#include <troupe/gateway/detail/action.hpp>

#include <troupe/actor/ask_envelope.hpp>

namespace troupe::gateway::detail {
namespace {

/// The entity's key, or nothing where the text is not of an id's form: then there is no such entity.
std::optional<Key> key_for(const Route& route, Addressee addressee, const Envelope& envelope, const Incoming& request) {
  switch (addressee) {
    case Addressee::path: {
      const auto id = request.path.empty() ? std::nullopt : parse_uuid(request.path.front());
      if (!id || id->is_nil()) return std::nullopt;
      return Key(*id);
    }
    case Addressee::created:
      return Key(request.operation);
    case Addressee::caller:
      return Key(request.principal.user);
    case Addressee::field:
      if (!envelope.target.is_text() && envelope.target.id().is_nil()) return std::nullopt;
      return envelope.target;
    case Addressee::directory:
      return Key();
  }
  throw std::logic_error(route.id + " is addressed to nobody");
}

Task<Answer> reject_not_found() { co_return Rejected{"not_found", "there is nothing of this id"}; }

Task<Answer> ask(std::uint16_t status, EnvelopePtr envelope, std::string location) {
  Answer answer;
  answer.status = status;
  answer.location = std::move(location);
  AskEnvelope asked(std::move(envelope));
  const EnvelopePtr answered = co_await asked;
  if (answer.status != 204) answer.body = answered->info->reply_to_json(*answered);
  co_return answer;
}

}  // namespace

Task<Answer> ask_for_answer(const Route& route, Addressee addressee, EnvelopePtr envelope, const Incoming& request) {
  const std::optional<Key> key = key_for(route, addressee, *envelope, request);
  if (!key) return reject_not_found();
  envelope->target = *key;
  // Under this id the receiver remembers the operation, so that a second attempt finds the first one's reply.
  const Effect effect = envelope->info->effect;
  if (effect == Effect::keyed || (effect == Effect::once && request.under_key)) envelope->operation = request.operation;
  envelope->attempt = request.attempt;
  std::string location;
  if (route.creates) location = route.pattern + '/' + to_text(request.operation);
  return ask(route.status, std::move(envelope), std::move(location));
}

Failure invalid(std::vector<Fault> faults) {
  return Failure(Rejected{"invalid", "the request is malformed or breaks a rule; see errors", std::move(faults)});
}

}  // namespace troupe::gateway::detail
