#include "tests/bench/shop_load.hpp"

#include "tests/bench/shop_request.hpp"

namespace troupe::bench {
namespace {

constexpr std::size_t connection_count = 64;

LoadPlan plan_for(const LoadTimes& times, std::uint16_t port, pid_t server) {
  return {.port = port,
          .connections = connection_count,
          .warm_up = times.warm_up,
          .longest = times.measured,
          .requests = std::nullopt,
          .server = server};
}

/// Spreads consecutive numbers as chance would, the same way each time (the finalizer of splitmix64).
std::uint64_t scramble(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9ULL;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebULL;
  return number ^ (number >> 31);
}

}  // namespace

std::vector<Sample> samples_of(const LoadReport& report) {
  return {{"rate", report.rate(), "1/s"},
          {"cpu", report.server_cpu_us, "us"},
          {"p50", report.p50_us / 1'000, "ms"},
          {"p90", report.p90_us / 1'000, "ms"},
          {"p99", report.p99_us / 1'000, "ms"},
          {"max", report.max_us / 1'000, "ms"},
          {"client_cpu", report.client_cpu_us, "us"},
          {"failed", static_cast<double>(report.failed), "requests"}};
}

LoadReport load_product(const LoadTimes& times, std::uint16_t port, pid_t server, const std::string& id) {
  const std::string bytes = bytes_of(request_of("GET", "/products/" + id));
  return run_load(plan_for(times, port, server), [&bytes](std::uint64_t, std::string& request) { request = bytes; });
}

LoadReport load_orders(const LoadTimes& times, std::uint16_t port, pid_t server,
                       const std::vector<std::string>& products, const std::vector<std::string>& tokens) {
  std::vector<std::string> requests;
  for (const std::string& token : tokens) {
    for (const std::string& product : products) {
      const std::string body = R"({"items":[{"product_id":")" + product + R"(","quantity":1}]})";
      requests.push_back(bytes_of(request_of("POST", "/orders", token, body)));
    }
  }
  return run_load(plan_for(times, port, server), [&requests](std::uint64_t sequence, std::string& request) {
    request = requests[scramble(sequence + 1) % requests.size()];
  });
}

}  // namespace troupe::bench
