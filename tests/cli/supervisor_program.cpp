// Supervises scripted nodes, as `up` does real ones, with times that fit a test and waits that are the shortest
// allowed.
//
//     supervisor_program SCRIPTED_NODE LOGS PATIENCE_MS SETTLED_MS [first|last NAME STEP... ,]...
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <troupe/cli/up/process_supervisor.hpp>

int main(int argc, char** argv) {
  using namespace troupe;
  using namespace troupe::cli;
  std::vector<std::string> words(argv + 1, argv + argc);
  SupervisorOptions options;
  options.name = "scripted";
  options.logs = words.at(1);
  options.patience = Duration(std::stoi(words.at(2)));
  options.settled = Duration(std::stoi(words.at(3)));
  options.backoff.first = Duration(2);
  options.backoff.longest = Duration(20);
  options.random = [] { return std::uint64_t{0}; };  // the shortest wait of each
  std::vector<ChildSpec> specs;
  for (std::size_t i = 4; i < words.size(); ++i) {
    ChildSpec spec;
    spec.stop_phase = words[i++] == "first" ? StopPhase::first : StopPhase::last;
    spec.name = words.at(i);
    spec.program.path = words[0];
    spec.program.arguments = {"scripted_node"};
    for (; i < words.size() && words[i] != ","; ++i) spec.program.arguments.push_back(words[i]);
    specs.push_back(std::move(spec));
  }
  try {
    return ProcessSupervisor(std::move(specs), std::move(options)).run();
  } catch (const std::exception& e) {
    std::cerr << "supervisor_program: " << e.what() << '\n';
    return failed;
  }
}
