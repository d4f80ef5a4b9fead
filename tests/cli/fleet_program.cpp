// Runs a fleet of scripted nodes, as `up` runs one of real ones, with times that fit a test.
//
//     fleet_program SCRIPTED_NODE LOGS PATIENCE_MS SETTLED_MS [first|last NAME STEP... ,]...
#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <troupe/cli/fleet.hpp>

int main(int argc, char** argv) {
  using namespace troupe;
  using namespace troupe::cli;
  std::vector<std::string> words(argv + 1, argv + argc);
  FleetOptions options;
  options.name = "scripted";
  options.logs = words.at(1);
  options.patience = Duration(std::stoi(words.at(2)));
  options.settled = Duration(std::stoi(words.at(3)));
  options.backoff = {Duration(1), Duration(20)};
  std::vector<FleetMember> members;
  for (std::size_t i = 4; i < words.size(); ++i) {
    FleetMember member;
    member.stop_turn = words[i++] == "first" ? StopTurn::first : StopTurn::last;
    member.name = words.at(i);
    member.program.path = words[0];
    member.program.arguments = {"scripted_node"};
    for (; i < words.size() && words[i] != ","; ++i) member.program.arguments.push_back(words[i]);
    members.push_back(std::move(member));
  }
  try {
    return Fleet(std::move(members), std::move(options)).run();
  } catch (const std::exception& e) {
    std::cerr << "fleet_program: " << e.what() << '\n';
    return failed;
  }
}
