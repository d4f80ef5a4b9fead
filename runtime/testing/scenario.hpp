#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/testing/client.hpp>
#include <troupe/testing/detail/known_outcomes.hpp>
#include <troupe/testing/transcript.hpp>
#include <troupe/wire/id.hpp>

namespace troupe::testing {

/// Plays a scenario: asks as clients do, and writes everything that was asked and answered into a transcript.
///
/// ```
/// void lists_what_is_added(ScenarioDriver& driver) {
///   const auto ada = driver.token({1, 1}, "customer");
///   driver.post("/wishes", R"({"note":"for the desk"})", {ada});
///   driver.get("/wishes", {ada});
/// }
/// ```
/// A scenario does the same wherever it is played: what it does next may depend on answers, never on time or on who was
/// first. POST requests without an Idempotency-Key get one, so that they may be repeated. Where requests are repeated,
/// a 412, and a 404 to DELETE, are taken for the work of the first attempt, unless earlier answers tell that they had
/// to come. Errors: throws what the client throws. Threads: one.
class ScenarioDriver {
 public:
  /// Of requests whose outcome a broken link left open (503 and 504): to be repeated until they have one, as clients
  /// do by the contract; where nothing breaks they are answers like others.
  enum class Repeats : std::uint8_t { never, open_outcomes };

  ScenarioDriver(Client& client, Names& names, Repeats repeats) : client_(client), names_(names), repeats_(repeats) {}
  ScenarioDriver(const ScenarioDriver&) = delete;
  ScenarioDriver& operator=(const ScenarioDriver&) = delete;

  HttpAnswer get(std::string target, std::vector<Header> headers = {});
  HttpAnswer post(std::string target, std::string body, std::vector<Header> headers = {});
  HttpAnswer put(std::string target, std::string body, std::vector<Header> headers = {});
  HttpAnswer remove(std::string target, std::vector<Header> headers = {});
  HttpAnswer ask(HttpRequest request);
  /// Asks at the same time. The transcript has the answers sorted, so the requests should be of equal standing: such
  /// that it makes no difference which of them comes first.
  std::vector<HttpAnswer> together(std::vector<HttpRequest> requests);
  /// Asks again and again until the answer is as wanted; the transcript has the last one.
  /// Errors: throws std::runtime_error after `limit`, with the last answer.
  HttpAnswer until(const HttpRequest& request, const std::function<bool(const HttpAnswer&)>& wanted,
                   std::chrono::milliseconds limit = std::chrono::minutes(1));
  void pass(std::chrono::milliseconds time) { client_.pass(time); }

  /// A header that signs a user in, where the application's tokens are signed with the kit's key.
  Header token(Uuid user, std::string role) const;

  // For whoever plays scenarios.
  void begin(std::string scenario);
  const Transcript& transcript() const { return transcript_; }

 private:
  /// A request that is asked until it has an outcome.
  struct Pending {
    HttpRequest request;
    HttpAnswer answer;
    bool repeated = false;
  };

  std::vector<HttpAnswer> settle(std::vector<HttpRequest> requests);
  void repeat_open(std::vector<Pending>& pending);
  HttpAnswer outcome_of(Pending& pending);
  HttpRequest prepared(HttpRequest request);

  Client& client_;
  Names& names_;
  const Repeats repeats_;
  std::string scenario_;
  std::size_t keys_ = 0;
  detail::KnownOutcomes known_;
  Transcript transcript_;
};

/// Something that clients do, with a name. Scenarios that follow each other share what is durable.
struct Scenario {
  std::string name;
  std::function<void(ScenarioDriver&)> play;
};

}  // namespace troupe::testing
