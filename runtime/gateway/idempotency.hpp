#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actor/current_time.hpp>
#include <troupe/actor/domain.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/gateway/route_table.hpp>

namespace troupe::gateway {

/// What digests of requests are keyed with, so that nobody guesses a body from what is stored. The same on every node
/// of an application, and after a restart.
using IdempotencySecret = std::array<std::uint8_t, 32>;
/// All that nodes may have at a time, at least one: several while the secret that they come from is being replaced.
using IdempotencySecrets = std::vector<IdempotencySecret>;

/// A keyed hash, in hexadecimal digits.
/// Source: BLAKE2b, 256 bits.
std::string keyed_digest(const IdempotencySecret& secret, std::initializer_list<std::string_view> parts);

/// How long an answer is kept for repetitions of its request.
inline constexpr std::chrono::hours kept_answers{24};

/// A failure as an answer: of a request that may be tried again under its key.
struct FailedAttempt {
  Failure::Kind kind = Failure::Kind::unknown;
  std::string code;
  std::string detail;
  std::vector<Fault> faults;
};

struct Performed {
  std::uint16_t status = 200;
  std::string body;
  std::string location;
  std::uint8_t replayed = 0;
  std::optional<FailedAttempt> failure;
};

/// Performs a request under its key, once; tells the first answer to whoever comes again.
/// Reply: Performed. Rejects: idempotency_conflict (the key is another request's).
struct Perform {
  using Reply = Performed;
  static constexpr auto effect = Effect::idempotent;
  std::string method;
  std::string target;
  std::string body;
  /// Further names of the key, under other secrets that are in use, in ascending order: each keeps what the next
  /// answers, so that gateways whose secrets are not the same, but have one in common, meet there. None: absent.
  std::optional<std::vector<std::string>> also_under;
  std::optional<Uuid> operation;  ///< that an attempt was begun as, under a name before
};

/// Keys whose records began at `until` or before. Reply: at most `limit` of them, oldest first. Read, of the directory.
struct Expired {
  using Reply = std::vector<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
  Time until;
  std::uint32_t limit = 0;
};

/// Forgets a record that has been kept long enough. Reply: Done. Idempotent.
struct Forget {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};

/// What is kept under one key.
struct KeyRecord {
  std::string digest;  ///< keyed, of the request; the request itself is not kept
  Uuid operation;      ///< of all attempts at it
  Time began{};
  std::optional<Performed> answer;
};

/// A keyed entity beside a domain: keeps what was answered to requests of one user under one Idempotency-Key.
///
/// Its turn is the request: a duplicate waits in the entity's queue. A repetition after an unknown outcome runs under
/// the same operation id, so that `creates()` finds the same entity and the receiver's inbox knows what it has done.
/// Records older than 24 hours are replaced when their key is used again; a sweep forgets those of keys that never are.
class IdempotencyLogic {
 public:
  IdempotencyLogic(std::shared_ptr<const RouteTable> routes, IdempotencySecrets secrets)
      : routes_(std::move(routes)), secrets_(std::move(secrets)) {}

  std::string digest(const Perform& request) const;
  /// Whether a record of this digest is of this request, whichever secret it was made with.
  bool is_of(const Perform& request, std::string_view digest) const;
  /// Runs the request's route. A failure that may go away is a FailedAttempt; any other becomes its problem document.
  Task<Performed> perform(Perform request, Principal principal, Uuid operation, std::uint16_t attempt) const;

 private:
  std::shared_ptr<const RouteTable> routes_;
  IdempotencySecrets secrets_;
};

template <class Api>
class Idempotency : public Entity<Api, KeyRecord, Indexes<Index<"began", &KeyRecord::began>>> {
 public:
  using typename Idempotency::Entity::Rows;

  Idempotency(std::shared_ptr<const RouteTable> routes, IdempotencySecrets secrets)
      : logic_(std::move(routes), std::move(secrets)) {}

  Task<Performed> on(Perform request) {
    const bool known = this->exists() && !is_over();
    if (known && !logic_.is_of(request, this->state().digest)) {
      co_return Rejected{"idempotency_conflict", "this Idempotency-Key came with another request before"};
    }
    if (known && this->state().answer) {
      Performed again = *this->state().answer;
      again.replayed = 1;
      co_return again;
    }
    if (request.also_under && !request.also_under->empty()) co_return co_await perform_under_next(std::move(request));
    const std::uint16_t attempt = known || request.operation ? 1 : 0;
    if (!known) {
      begin(request);
      co_await this->commit();
    }
    Performed performed =
        co_await logic_.perform(std::move(request), this->principal(), this->state().operation, attempt);
    if (!performed.failure) this->edit().answer = performed;
    co_return performed;
  }

  Task<Done> on(Forget) {
    if (this->exists() && is_over()) this->erase();
    co_return Done{};
  }

  static std::vector<std::string> on(Expired m, const Rows& rows) {
    std::vector<std::string> keys;
    rows.template up_to<"began">(m.until).each([&](const Key& key, const KeyRecord&) {
      keys.emplace_back(key.text());
      return keys.size() < m.limit;
    });
    return keys;
  }

 private:
  bool is_over() const { return this->now() >= this->state().began + kept_answers; }

  void begin(const Perform& request) {
    auto& record = this->edit();
    record = {};
    record.digest = logic_.digest(request);
    record.operation = request.operation ? *request.operation : this->template new_id<Id<"operation">>().value;
    record.began = this->now();
  }

  /// This key waits while the request is performed under the next one, and keeps its answer, too.
  Task<Performed> perform_under_next(Perform request) {
    const bool known = this->exists() && !is_over();
    if (known) request.operation = this->state().operation;
    Perform inner = request;
    const Key next(inner.also_under->front());
    inner.also_under->erase(inner.also_under->begin());
    Performed performed = co_await actor<Api>(next).template ask<Perform>(std::move(inner));
    if (performed.failure) co_return performed;
    if (!known) begin(request);
    this->edit().answer = performed;
    co_return performed;
  }

  IdempotencyLogic logic_;
};

/// `order` becomes the protocol `order_idempotency`, which follows its domain to its node.
template <FixedString Domain>
struct IdempotencyProtocol {
  static constexpr std::size_t size = Domain.view().size();
  static consteval auto joined() {
    constexpr std::string_view suffix = "_idempotency";
    FixedString<size + suffix.size() + 1> name = blank(std::make_index_sequence<size + suffix.size()>{});
    for (std::size_t i = 0; i < size; ++i) name.text[i] = Domain.text[i];
    for (std::size_t i = 0; i < suffix.size(); ++i) name.text[size + i] = suffix[i];
    return name;
  }
  template <std::size_t... I>
  static consteval FixedString<sizeof...(I) + 1> blank(std::index_sequence<I...>) {
    constexpr char spaces[] = {(static_cast<void>(I), ' ')..., '\0'};
    return FixedString<sizeof...(I) + 1>(spaces);
  }
  using Api = Protocol<joined(), Perform, Forget, Expired>;
};

/// How many keys are forgotten at the same time.
inline constexpr std::uint32_t forgotten_at_once = 256;

/// Asks the keepers whose records have been kept long enough to forget them.
template <class Api>
Task<Done> forget_expired(Share<Api> keepers) {
  for (;;) {
    const Time until = co_await current_time() - kept_answers;
    const auto expired = co_await keepers.template ask<Expired>(until, forgotten_at_once);
    std::vector<Ask<Forget>> asks;
    asks.reserve(expired.size());
    for (const auto& key : expired) asks.push_back(actor<Api>(Key(key)).template ask<Forget>());
    if (!asks.empty()) static_cast<void>(co_await all(std::move(asks)));
    if (expired.size() < forgotten_at_once) co_return Done{};
  }
}

/// What keeps a domain's keys where the domain lives: a kind of entity, and the sweep that forgets old records.
struct IdempotencyParts {
  EntityType entity;
  Domain::Sweep sweep;
};

template <FixedString DomainName>
IdempotencyParts idempotency_parts(std::shared_ptr<const RouteTable> routes, const IdempotencySecrets& secrets) {
  using Api = typename IdempotencyProtocol<DomainName>::Api;
  EntityType keeper = entity_type<Idempotency<Api>>(std::move(routes), secrets);
  keeper.asks.reset();  // it performs requests, whatever they ask
  return {std::move(keeper),
          Domain::sweep_of<Api>(std::string(Api::name), std::chrono::minutes(1), &forget_expired<Api>)};
}

/// How requests under a key reach the entity that keeps the key, one for each key of a domain.
class IdempotencyKeeper {
 public:
  using MakeEnvelope = EnvelopePtr (*)(Key, Perform);
  explicit constexpr IdempotencyKeeper(MakeEnvelope envelope) : make_(envelope) {}
  EnvelopePtr envelope(Key key, Perform request) const { return make_(std::move(key), std::move(request)); }

 private:
  MakeEnvelope make_;
};

/// The keeper of a domain: `routes.keeps_idempotency_keys(idempotency_keeper<"order">)`.
template <FixedString Domain>
inline constexpr IdempotencyKeeper idempotency_keeper([](Key key, Perform request) {
  return actor<typename IdempotencyProtocol<Domain>::Api>(std::move(key))
      .template envelope<Perform>(std::move(request));
});

/// Asks a keeper to perform what the envelope is about.
Task<Answer> perform_once(EnvelopePtr envelope);

}  // namespace troupe::gateway
