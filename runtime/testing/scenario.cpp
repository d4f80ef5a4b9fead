#include <troupe/testing/scenario.hpp>

#include <algorithm>
#include <stdexcept>

#include <troupe/gateway/token.hpp>

namespace troupe::testing {

namespace {

using namespace std::chrono_literals;

/// Between two requests, so that ids made on different loops have an order.
constexpr auto moment = 3ms;
constexpr auto look_again_after = 50ms;
constexpr auto repeat_after = 200ms;
constexpr int most_repetitions = 100;

bool is_open(const HttpAnswer& answer) { return answer.status == 503 || answer.status == 504; }

HttpAnswer without_header(HttpAnswer answer, std::string_view name) {
  http::Headers kept;
  for (std::size_t i = 0; i < answer.headers.size(); ++i) {
    const auto field = answer.headers[i];
    if (!http::equal_ignoring_case(field.name, name)) kept.add(field.name, field.value);
  }
  answer.headers = std::move(kept);
  return answer;
}

}  // namespace

HttpAnswer ScenarioDriver::get(std::string target, std::vector<Header> headers) {
  return ask({"GET", std::move(target), {}, std::move(headers)});
}

HttpAnswer ScenarioDriver::post(std::string target, std::string body, std::vector<Header> headers) {
  return ask({"POST", std::move(target), std::move(body), std::move(headers)});
}

HttpAnswer ScenarioDriver::put(std::string target, std::string body, std::vector<Header> headers) {
  return ask({"PUT", std::move(target), std::move(body), std::move(headers)});
}

HttpAnswer ScenarioDriver::remove(std::string target, std::vector<Header> headers) {
  return ask({"DELETE", std::move(target), {}, std::move(headers)});
}

void ScenarioDriver::begin(std::string scenario) {
  scenario_ = std::move(scenario);
  keys_ = 0;
}

HttpRequest ScenarioDriver::prepared(HttpRequest request) {
  if (request.method == "POST" && !request.find_header("Idempotency-Key")) {
    request.headers.emplace_back("Idempotency-Key", scenario_ + '/' + std::to_string(++keys_));
    std::ranges::replace(request.headers.back().second, ' ', '-');
  }
  return request;
}

HttpAnswer ScenarioDriver::ask(HttpRequest request) {
  std::vector<HttpRequest> one{prepared(std::move(request))};
  Step step{scenario_, describe(one.front(), names_), {}};
  HttpAnswer answer = std::move(settle(std::move(one)).front());
  step.answers = describe(answer, names_);
  transcript_.push_back(std::move(step));
  return answer;
}

std::vector<HttpAnswer> ScenarioDriver::together(std::vector<HttpRequest> requests) {
  Step step{scenario_, {}, {}};
  for (auto& request : requests) {
    request = prepared(std::move(request));
    step.requests += describe(request, names_) + '\n';
  }
  auto answers = settle(std::move(requests));
  std::vector<std::string> outcomes;
  for (const auto& answer : answers) outcomes.push_back(describe(answer, names_, Names::Unknown::blur));
  std::ranges::sort(outcomes);
  for (const auto& outcome : outcomes) step.answers += outcome + '\n';
  transcript_.push_back(std::move(step));
  return answers;
}

HttpAnswer ScenarioDriver::until(const HttpRequest& request, const std::function<bool(const HttpAnswer&)>& wanted,
                                 std::chrono::milliseconds limit) {
  HttpAnswer answer = std::move(settle({request}).front());
  for (auto waited = 0ms; !wanted(answer); waited += look_again_after) {
    if (waited >= limit) {
      throw std::runtime_error("scenario '" + scenario_ + "': " + request.method + ' ' + request.target +
                               " does not come to what is wanted; the last answer: " + std::to_string(answer.status) +
                               ' ' + answer.body);
    }
    client_.pass(look_again_after);
    answer = std::move(settle({request}).front());
  }
  transcript_.push_back({scenario_, "until " + describe(request, names_), describe(answer, names_)});
  return answer;
}

std::vector<HttpAnswer> ScenarioDriver::settle(std::vector<HttpRequest> requests) {
  client_.pass(moment);
  auto answers = client_.exchange(requests);
  std::vector<Pending> pending;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    pending.push_back({std::move(requests[i]), std::move(answers[i])});
  }
  if (repeats_ == Repeats::open_outcomes) repeat_open(pending);
  std::vector<HttpAnswer> outcomes;
  for (auto& each : pending) outcomes.push_back(outcome_of(each));
  for (std::size_t i = 0; i < pending.size(); ++i) known_.note(pending[i].request, outcomes[i]);
  return outcomes;
}

void ScenarioDriver::repeat_open(std::vector<Pending>& pending) {
  for (int repetition = 0; repetition < most_repetitions; ++repetition) {
    std::vector<Pending*> open;
    std::vector<HttpRequest> again;
    for (auto& each : pending) {
      if (!is_open(each.answer)) continue;
      open.push_back(&each);
      again.push_back(each.request);
    }
    if (open.empty()) return;
    client_.pass(repeat_after);
    auto answers = client_.exchange(std::move(again));
    for (std::size_t i = 0; i < open.size(); ++i) {
      open[i]->answer = std::move(answers[i]);
      open[i]->repeated = true;
    }
  }
  throw std::runtime_error("scenario '" + scenario_ + "': a request has no outcome after " +
                           std::to_string(most_repetitions) + " repetitions");
}

HttpAnswer ScenarioDriver::outcome_of(Pending& pending) {
  HttpAnswer& answer = pending.answer;
  if (!pending.repeated) return std::move(answer);
  const HttpRequest& request = pending.request;
  // What the first attempt did, the repetition finds done: what was to go is gone, perhaps with whoever asks.
  const bool gone = answer.status == 404 || answer.status == 401;
  if (request.method == "DELETE" && gone && !known_.is_removed(request)) {
    HttpAnswer removed{204, {}, {}};
    removed.headers.add("X-Request-Id", answer.header("X-Request-Id"));
    return removed;
  }
  if (request.find_header("If-Match") && answer.status == 412 && !known_.has_old_tag(request)) {
    std::vector<Pending> look{{{"GET", request.target}, {503, {}, {}}}};
    repeat_open(look);
    return without_header(std::move(look.front().answer), "ETag");  // an answer to a change has none
  }
  if (known_.has_known_key(request)) return std::move(answer);
  return without_header(std::move(answer), "Idempotency-Replayed");
}

Header ScenarioDriver::token(Uuid user, std::string role) const {
  // Good from the beginning of virtual time until long after any test.
  const std::chrono::sys_seconds since = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  const gateway::TokenClaims claims{to_text(user), std::move(role), since, since + std::chrono::years(50), 0};
  return {"Authorization", "Bearer " + gateway::TokenSigner(gateway::TokenKey{}).issue(claims)};
}

}  // namespace troupe::testing
