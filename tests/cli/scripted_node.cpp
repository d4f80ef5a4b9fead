// Stands in for a node under a supervisor: logs and prints what it is told to, then behaves as it is told to.
//
//     scripted_node NAME STEP...
//
// Steps, one after the other: ready, print=TEXT, log=TEXT, count=FILE (appends a line), exit=CODE, die=SIGNAL,
// fail-until=FILE:TIMES (exits with 1 while the file has no more lines), signals=FILE (writes the number of each
// signal that it is asked to end by there, and ends), deaf (ignores SIGTERM), flood (logs without end), wait.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

namespace {

std::string name;

void append(const std::string& file, const std::string& line) { std::ofstream(file, std::ios::app) << line << '\n'; }

std::size_t lines_of(const std::string& file) {
  std::ifstream in(file);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) ++count;
  return count;
}

[[noreturn]] void wait_for_end(const std::string& notes) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  int signal = 0;
  sigwait(&set, &signal);
  if (!notes.empty()) append(notes, name + " " + std::to_string(signal));
  std::_Exit(0);
}

void perform(const std::string& step) {
  const auto sign = step.find('=');
  const auto what = step.substr(0, sign);
  const auto value = sign == std::string::npos ? std::string() : step.substr(sign + 1);
  if (what == "ready") std::cout << "ready node=" << name << " admin=127.0.0.1:1" << std::endl;
  if (what == "print") std::cout << value << std::endl;
  if (what == "log") std::cerr << value << std::endl;
  if (what == "count") append(value, std::to_string(::getpid()));
  if (what == "exit") std::_Exit(std::stoi(value));
  if (what == "die") ::raise(std::stoi(value));
  if (what == "deaf") ::signal(SIGTERM, SIG_IGN);
  if (what == "wait") wait_for_end({});
  if (what == "signals") wait_for_end(value);
  if (what == "fail-until") {
    const auto colon = value.find(':');
    const auto file = value.substr(0, colon);
    append(file, std::to_string(::getpid()));
    if (lines_of(file) <= std::stoul(value.substr(colon + 1))) std::_Exit(1);
  }
  while (what == "sleep") ::pause();
  while (what == "flood") std::cerr << "one line of many\n";
}

}  // namespace

int main(int argc, char** argv) {
  // Blocked before anything is said, so that a signal after the ready line is never missed.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == "signals" || std::string_view(argv[i]).starts_with("signals=") ||
        std::string_view(argv[i]) == "wait") {
      sigprocmask(SIG_BLOCK, &set, nullptr);
    }
  }
  name = argc > 1 ? argv[1] : "";
  for (int i = 2; i < argc; ++i) perform(argv[i]);
}
