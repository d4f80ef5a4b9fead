#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actor/ref.hpp>
#include <troupe/gateway/detail/binding.hpp>
#include <troupe/gateway/detail/conditional.hpp>
#include <troupe/gateway/route.hpp>

// What routes are made of, below their declaration.
namespace troupe::gateway::detail {

/// Whom an envelope is for.
enum class Addressee : std::uint8_t {
  path,       ///< the entity that the path's first parameter names
  created,    ///< a new one, whose key is the request's operation
  directory,  ///< all committed ones
  field,      ///< the one that a field of the message names
  caller,     ///< the one whose key is the signed-in user's id
};

/// Sets what travels beside the message, and asks. Nothing is found under a key that is not of an id's form.
Task<Answer> ask_for_answer(const Route& route, Addressee addressee, EnvelopePtr envelope, const Incoming& request);

Failure invalid(std::vector<Fault> faults);

/// What a route does to its message beyond reading it; empty when all is well.
template <class M>
using Adjust = std::function<std::optional<Failure>(const Incoming& request, M& message)>;

template <class M>
struct Binding {
  Sources<M> sources{};
  std::vector<Adjust<M>> adjustments;
  std::function<void(const http::Headers&, M&, std::vector<Fault>&)> if_match;

  explicit Binding(Source input) { sources.fill(input); }

  /// The message of a request, or why there is none.
  Outcome<M> read(const Incoming& request) const {
    M message{};
    std::vector<Fault> faults;
    read_message(request, sources, message, faults);
    if (if_match) if_match(request.headers, message, faults);
    if (!faults.empty()) return invalid(std::move(faults));
    for (const auto& adjust : adjustments) {
      if (auto failure = adjust(request, message)) return *std::move(failure);
    }
    return message;
  }
};

/// A route that is one ask.
template <class Api, Message M>
class AskAction final : public Action {
 public:
  AskAction(const Route& route, Source input, Addressee addressee)
      : binding(input), addressee(addressee), route_(route) {}

  Outcome<Task<Answer>> begin(const Incoming& request) const override {
    Outcome<M> message = binding.read(request);
    if (!message) return std::move(message).failure();
    const Key key = addressee == Addressee::field ? key_of(*message) : Key();
    auto envelope = troupe::detail::make_envelope<Api, M>(*std::move(message));
    envelope->target = key;
    return ask_for_answer(route_, addressee, std::move(envelope), request);
  }
  std::vector<RouteField> fields() const override { return describe_fields<M>(binding.sources); }
  const wire::Schema& message() const override { return wire::schema_of<M>(); }
  const wire::Schema& reply() const override { return wire::schema_of<ReplyOf<M>>(); }
  bool takes_secrets() const override { return wire::holds_secret<M>; }

  Binding<M> binding;
  Addressee addressee;
  std::function<Key(const M&)> key_of;

 private:
  const Route& route_;
};

/// A route that is a coroutine of the application's.
template <class Body, class Reply, class F>
class HandleAction final : public Action {
 public:
  HandleAction(const Route& route, Source input, F handler)
      : binding(input), route_(route), handler_(std::move(handler)) {}

  Outcome<Task<Answer>> begin(const Incoming& request) const override {
    Outcome<Body> body = binding.read(request);
    if (!body) return std::move(body).failure();
    return answer(route_.status, handler_(Call(request), *std::move(body)));
  }
  std::vector<RouteField> fields() const override { return describe_fields<Body>(binding.sources); }
  const wire::Schema& message() const override { return wire::schema_of<Body>(); }
  const wire::Schema& reply() const override { return wire::schema_of<Reply>(); }
  bool takes_secrets() const override { return wire::holds_secret<Body>; }

  Binding<Body> binding;

 private:
  static Task<Answer> answer(std::uint16_t status, Task<Reply> work) {
    Reply reply = co_await std::move(work);
    Answer answer;
    answer.status = status;
    if (answer.status != 204) answer.body = wire::to_json(reply);
    co_return answer;
  }

  const Route& route_;
  F handler_;
};

}  // namespace troupe::gateway::detail
