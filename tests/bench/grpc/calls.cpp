#include "tests/bench/grpc/calls.hpp"

#include <bench.grpc.pb.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>

#include "tests/bench/call_rates.hpp"
#include "tests/bench/grpc/events.hpp"
#include "tests/bench/grpc/service.hpp"
#include "tests/process/child_process.hpp"

namespace troupe::bench::rpc {
namespace {

/// Sends calls on one channel and takes their answers on the calling thread.
class Asker {
 public:
  explicit Asker(const std::string& address) : stub_(Replier::NewStub(connect(address))) {}

  void run(CallRun& run) {
    for (std::uint64_t i = 0; i < run.in_flight(); ++i) ask(run);
    while (!run.over()) take_event(queue_);
  }

 private:
  void ask(CallRun& run) {
    if (!run.start()) return;
    Number number;
    number.set_value(++asked_);
    call<Number>([&](grpc::ClientContext* context) { return stub_->PrepareAsyncNext(context, number, &queue_); },
                 [this, &run](const grpc::Status& status, const Number&) {
                   if (!status.ok()) throw std::runtime_error("a call failed: " + status.error_message());
                   run.end();
                   ask(run);
                 });
  }

  std::unique_ptr<Replier::Stub> stub_;
  grpc::CompletionQueue queue_;
  std::uint64_t asked_ = 0;
};

}  // namespace

void serve_replier() {
  Replier::AsyncService service;
  std::optional<Method<Number, Number>> next;
  serve(service, [&](grpc::ServerCompletionQueue& queue) {
    next.emplace([&](auto* context, auto* request, auto* writer,
                     void* tag) { service.RequestNext(context, request, writer, &queue, &queue, tag); },
                 [](auto& asked) {
                   Number reply;
                   reply.set_value(asked.request().value() + 1);
                   asked.finish(reply);
                 });
    next->await(accepted_ahead);
  });
}

void measure_calls_between_processes(const std::string& program, std::chrono::duration<double> each) {
  process::ChildProcess server({.arguments = {program, "replier"}});
  Asker asker(service_address(server));
  measure_calls(server.pid(), each, [&](CallRun& run) { asker.run(run); });
}

}  // namespace troupe::bench::rpc
