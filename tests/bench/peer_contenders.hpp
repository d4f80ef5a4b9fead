#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/contenders.hpp"
#include "tests/bench/http_load.hpp"
#include "tests/bench/rounds.hpp"
#include "tests/process/child_process.hpp"

namespace troupe::bench {

/// What a machine lacks to run `program`; empty when nothing.
std::string lacking(const std::filesystem::path& program);

/// What a program that measures by itself prints. Errors: throws where it fails.
std::vector<Sample> run_program(process::Command command);

/// A program that measures by itself and prints its samples.
Contender program(std::string name, process::Command command);

using LoadOnPeer = std::function<LoadReport(std::uint16_t port, pid_t server)>;
/// `GET /products/1`, and `POST /orders` with the ids and tokens that all peers know.
LoadOnPeer product_load(const Setup& setup);
LoadOnPeer order_load(const Setup& setup);

/// A server that prints `ready gateway=ADDRESS` and is put under load. Its CPU is that of all its processes.
Contender server(std::string name, process::Command command, LoadOnPeer load);

/// The peers that are not C++: their scripts in the peers' folder, and nginx.
Contender moleculer_program(const Setup& setup, const std::string& script, const std::string& argument);
Contender moleculer_server(const Setup& setup, std::string name, const std::vector<std::string>& arguments,
                           LoadOnPeer load);
Contender node_server(const Setup& setup, const std::string& script, const std::string& argument, LoadOnPeer load);
Contender erlang_program(const Setup& setup, const std::string& script, const std::string& argument);
Contender nginx(const Setup& setup);

}  // namespace troupe::bench
