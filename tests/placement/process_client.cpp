#include "tests/placement/process_client.hpp"

#include <future>
#include <thread>
#include <utility>

namespace shop::testing {

namespace {

Request to_request(troupe::testing::HttpRequest request) {
  Request made{std::move(request.method), std::move(request.target), std::move(request.body), {}};
  for (auto& [name, value] : request.headers) made.headers.push_back({std::move(name), std::move(value)});
  if (!made.body.empty()) made.headers.push_back({"Content-Type", "application/json"});
  return made;
}

troupe::testing::HttpAnswer to_answer(Answer answer) {
  troupe::testing::HttpAnswer made{static_cast<std::uint16_t>(answer.status), {}, std::move(answer.body)};
  for (const auto& [name, value] : answer.headers) made.headers.add(name, value);
  return made;
}

}  // namespace

ProcessClient::ProcessClient(const std::vector<std::string>& gateways) : addresses_(gateways) {
  for (const auto& address : addresses_) connections_.emplace_back(address);
}

std::vector<troupe::testing::HttpAnswer> ProcessClient::exchange(std::vector<troupe::testing::HttpRequest> requests) {
  std::vector<troupe::testing::HttpAnswer> answers;
  if (requests.size() == 1) {
    Connection& connection = connections_[next_++ % connections_.size()];
    answers.push_back(to_answer(connection.exchange(to_request(std::move(requests.front())))));
    return answers;
  }
  std::vector<std::future<Answer>> pending;
  for (auto& request : requests) {
    pending.push_back(std::async(std::launch::async, [request = to_request(std::move(request)),
                                                      address = addresses_[next_++ % addresses_.size()]] {
      return Connection(address).exchange(request);
    }));
  }
  for (auto& each : pending) answers.push_back(to_answer(each.get()));
  return answers;
}

void ProcessClient::pass(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace shop::testing
