#include <troupe/node/readiness/dependency_probe.hpp>

#include <chrono>
#include <exception>
#include <utility>

#include <troupe/actor/ask_envelope.hpp>
#include <troupe/contract/exception_text.hpp>

namespace troupe::node {

namespace {

/// What answers later is heard when it is asked again.
constexpr auto patience = std::chrono::seconds(1);

/// Null: there is none.
const MessageInfo* question_of(const ProtocolInfo& protocol) {
  const MessageInfo* question = nullptr;
  for (std::size_t i = 0; i < protocol.size; ++i) {
    const MessageInfo* message = protocol.messages[i];
    if (message->effect != Effect::read) continue;
    if (message->scope == Scope::directory) return message;
    if (!question && message->message_schema().fields.empty()) question = message;
  }
  return question;
}

Task<Done> ask_once(EnvelopePtr envelope) {
  AskEnvelope asked(std::move(envelope));
  static_cast<void>(co_await asked);
  co_return Done{};
}

/// A no is an answer, and so is a handler that threw on a question from nobody.
bool is_answer(const Outcome<Done>& outcome) {
  return outcome.ok() || outcome.rejected() || outcome.failure().code == failure_code::actor_crashed;
}

}  // namespace

DependencyProbe::DependencyProbe(engine::Engine& engine, std::string node, const std::vector<std::string>& protocols)
    : engine_(engine), node_(std::move(node)) {
  for (const auto& protocol : protocols) {
    const engine::Host* host = engine_.find_host(protocol);
    const MessageInfo* question = host ? question_of(*host->type().protocol) : nullptr;
    if (question) candidates_.push_back({host->name(), question});
  }
}

void DependencyProbe::ask_missing(std::function<void()> then) {
  waiting_.push_back(std::move(then));
  if (open_ > 0) return;
  ++open_;  // answers that come at once do not end it before all are asked
  for (auto& candidate : candidates_) {
    if (!candidate.answered) ask(candidate);
  }
  end_one();
}

void DependencyProbe::ask(Candidate& candidate) {
  EnvelopePtr envelope;
  try {
    // As of a message that was stored before it had any field: all are as the type has them.
    std::vector<Fault> faults;
    envelope = candidate.question->from_json("{}", faults);
    candidate.answered = !envelope;
  } catch (...) {
    candidate.trouble = "its codec threw: " + text_of(std::current_exception());
  }
  if (!envelope) return;
  ++open_;
  loop::Loop& loop = engine_.loop(0);
  engine::RootOptions options{Shared<Origin>(new Origin(Principal::of_node(node_), {})), loop.now() + patience};
  engine_.run(loop, std::move(options), ask_once(std::move(envelope)),
              [this, &candidate](const Outcome<Done>& outcome) {
                candidate.answered = is_answer(outcome);
                if (!candidate.answered) candidate.trouble = outcome.failure().code + ": " + outcome.failure().detail;
                end_one();
              });
}

void DependencyProbe::end_one() {
  if (--open_ > 0) return;
  for (auto& then : std::exchange(waiting_, {})) then();
}

std::vector<observe::Check> DependencyProbe::checks() const {
  std::vector<observe::Check> checks;
  for (const auto& candidate : candidates_) {
    observe::Check check{"protocol " + std::string(candidate.protocol), observe::Health::ok, std::nullopt};
    if (!candidate.answered) {
      check.status = observe::Health::failing;
      check.detail = candidate.trouble;
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

std::vector<std::string> protocols_behind_routes(const Application& application) {
  std::vector<std::string> protocols;
  const auto catalog = application.catalog();
  for (const auto& entry : application.entries()) {
    const auto* domain = entry.routes ? catalog.find_domain(entry.name) : nullptr;
    if (!domain) continue;
    protocols.push_back(domain->main);
    for (const auto& helper : domain->helpers) protocols.push_back(helper.name);
  }
  return protocols;
}

}  // namespace troupe::node
