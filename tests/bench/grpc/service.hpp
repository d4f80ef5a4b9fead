#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "tests/process/child_process.hpp"

namespace troupe::bench::rpc {

/// Serves on a loopback port chosen by the system, on one thread, until the process that started this one ends. Prints
/// `ready grpc=ADDRESS`. `open` is given the queue once the service is up, to let its methods' first calls come.
void serve(grpc::Service& service, const std::function<void(grpc::ServerCompletionQueue&)>& open);

/// How many calls of a method can come at once before the first of them is taken.
constexpr std::size_t accepted_ahead = 512;

/// Waits for the `ready` line of a service that was started as another process and gives its address.
/// Errors: throws when it doesn't come in time.
std::string service_address(process::ChildProcess& service);

std::shared_ptr<grpc::Channel> connect(const std::string& address);

}  // namespace troupe::bench::rpc
