#include "tests/bench/grpc/service.hpp"

#include <chrono>
#include <iostream>
#include <stdexcept>

#include "tests/bench/grpc/events.hpp"

namespace troupe::bench::rpc {
namespace {

constexpr std::chrono::seconds ready_limit{10};
const std::string ready_line = "ready grpc=";

}  // namespace

void serve(grpc::Service& service, const std::function<void(grpc::ServerCompletionQueue&)>& open) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) throw std::runtime_error("gRPC could not start its server");
  open(*queue);
  std::cout << ready_line << "127.0.0.1:" << port << std::endl;
  while (take_event(*queue)) {
  }
}

std::string service_address(process::ChildProcess& service) {
  return service.require_line(ready_line, ready_limit).substr(ready_line.size());
}

std::shared_ptr<grpc::Channel> connect(const std::string& address) {
  return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
}

}  // namespace troupe::bench::rpc
