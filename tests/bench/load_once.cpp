/// One load on a server that already runs, for looking at a single request by hand or under a profiler.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "tests/bench/http_load.hpp"
#include "tests/bench/sample.hpp"
#include "tests/bench/shop_request.hpp"

using namespace troupe::bench;

int main(int argc, char** argv) {
  LoadPlan plan;
  std::string method = "GET";
  std::string target = "/";
  std::string token;
  std::string body;
  double warm_up_seconds = 1;
  double seconds = 4;
  CLI::App options("Sends one request over and over to 127.0.0.1 and prints rate, latencies and CPU per request.");
  options.add_option("--port", plan.port)->required();
  options.add_option("--method", method);
  options.add_option("--target", target);
  options.add_option("--token", token, "bearer token");
  options.add_option("--body", body, "JSON");
  options.add_option("--connections", plan.connections)->check(CLI::PositiveNumber);
  options.add_option("--warm-up", warm_up_seconds, "seconds");
  options.add_option("--seconds", seconds, "longest time to measure");
  options.add_option("--requests", plan.requests, "end after so many answers");
  options.add_option("--server", plan.server, "pid whose CPU time counts");
  CLI11_PARSE(options, argc, argv);

  plan.warm_up = std::chrono::milliseconds(static_cast<int>(warm_up_seconds * 1000));
  plan.longest = std::chrono::milliseconds(static_cast<int>(seconds * 1000));
  const std::string bytes = bytes_of(request_of(method, target, token, body));
  const LoadReport report = run_load(plan, [&bytes](std::uint64_t, std::string& request) { request = bytes; });
  print_sample({"rate", report.rate(), "1/s"});
  print_sample({"server_cpu", report.server_cpu_us, "us"});
  print_sample({"client_cpu", report.client_cpu_us, "us"});
  print_sample({"p50", report.p50_us, "us"});
  print_sample({"p90", report.p90_us, "us"});
  print_sample({"p99", report.p99_us, "us"});
  print_sample({"max", report.max_us, "us"});
  for (const auto& [status, count] : report.statuses)
    print_sample({"status_" + std::to_string(status), static_cast<double>(count), "answers"});
  if (report.broken_connections > 0)
    print_sample({"broken_connections", static_cast<double>(report.broken_connections), "connections"});
  if (!report.first_failure.empty()) std::cerr << report.first_failure << '\n';
}
