#include <troupe/cli/up/process_supervisor.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

#include <troupe/loop/clock.hpp>

namespace troupe::cli {

namespace {

constexpr std::string_view own_name = "up";
/// How long the end waits for a reader of the logs that does not read.
constexpr auto flush_patience = std::chrono::seconds(1);
/// How many bytes of one child are read before the next child's turn.
constexpr std::size_t read_at_once = 64 * 1024;

Instant now() { return loop::system_clock().monotonic(); }

int milliseconds_until(Instant when) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

/// The names of all sources of the log: the children, then the supervisor itself.
std::vector<std::string> sources(const std::vector<ChildSpec>& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  names.emplace_back(own_name);
  return names;
}

std::vector<std::string> names_of(const std::vector<ChildSpec>& specs) {
  auto names = sources(specs);
  names.pop_back();
  return names;
}

std::string how_it_ended(const ChildSpec& spec, const ExitStatus& status) {
  if (status.signal == 0 && status.code == stuck) return spec.name + " was ended by its watchdog (exit code 4)";
  if (status.signal == 0 && status.code == gave_up)
    return spec.name + " ended, as its supervisors gave up (exit code 3)";
  return spec.name + " ended " + to_string(status);
}

void poll_once(std::vector<pollfd>& polled, int limit) {
  if (::poll(polled.data(), polled.size(), limit) < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "cannot wait for the nodes");
  }
}

}  // namespace

ProcessSupervisor::ProcessSupervisor(std::vector<ChildSpec> specs, SupervisorOptions options)
    : options_(std::move(options)),
      lines_(sources(specs), options_.colours),
      output_(STDOUT_FILENO),
      error_(STDERR_FILENO) {
  if (!options_.logs.empty()) files_.emplace(options_.logs, names_of(specs));
  for (auto& spec : specs) children_.emplace_back().spec = std::move(spec);
}

ExitCode ProcessSupervisor::run() {
  for (std::size_t i = 0; i < children_.size(); ++i) start(i);
  while (!stopping_ || any_running()) {
    wait();
    take_signals();
    reap();
    if (stopping_) {
      go_on_stopping();
    } else {
      restart_due();
    }
  }
  flush();
  return exit_code_;
}

void ProcessSupervisor::start(std::size_t index) {
  auto& child = children_[index];
  child.restart_at.reset();
  child.process = std::make_unique<ChildProcess>(child.spec.program);
}

/// Waits for something to do, and moves the lines that have come meanwhile.
void ProcessSupervisor::wait() {
  std::vector<pollfd> polled{{signals_.descriptor().number(), POLLIN, 0},
                             {output_.empty() ? -1 : output_.descriptor(), POLLOUT, 0},
                             {error_.empty() ? -1 : error_.descriptor(), POLLOUT, 0}};
  const std::size_t before = polled.size();
  // While this process's output is full, no child is read; a child's log drops lines rather than block.
  const bool listening = !output_.full() && !error_.full();
  for (const auto& child : children_) {
    const bool heard = child.process && listening;
    polled.push_back({heard && child.process->output() ? child.process->output().number() : -1, POLLIN, 0});
    polled.push_back({heard && child.process->error() ? child.process->error().number() : -1, POLLIN, 0});
  }
  poll_once(polled, wait_limit());
  if (polled[1].revents != 0) output_.write_some();
  if (polled[2].revents != 0) error_.write_some();
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (polled[before + 2 * i].revents != 0 || polled[before + 2 * i + 1].revents != 0) read(i);
  }
}

int ProcessSupervisor::wait_limit() const {
  std::optional<Instant> next;
  if (stopping_) next = stop_limit_;
  for (const auto& child : children_) {
    if (child.restart_at && (!next || *child.restart_at < *next)) next = child.restart_at;
  }
  return next ? milliseconds_until(*next) : -1;
}

void ProcessSupervisor::take_signals() {
  while (const auto signal = signals_.next()) {
    if (*signal == SIGCHLD) continue;
    if (std::exchange(told_to_stop_, true)) {
      exit_code_ = failed;
      kill_all();
    } else if (!stopping_) {
      say("stopping; a second signal ends all at once");
      stop(done);
    }
  }
}

void ProcessSupervisor::read(std::size_t index) {
  auto& child = children_[index];
  read_output(index, child.process->output(), child.output, &ProcessSupervisor::printed);
  read_output(index, child.process->error(), child.error, &ProcessSupervisor::logged);
}

void ProcessSupervisor::read_output(std::size_t index, Descriptor& from, LineSplitter& cutter,
                                    void (ProcessSupervisor::*take)(std::size_t, std::string_view)) {
  std::array<char, 16 * 1024> bytes;
  for (std::size_t total = 0; from && total < read_at_once;) {
    const ssize_t got = ::read(from.number(), bytes.data(), bytes.size());
    if (got == 0) from.close();
    if (got <= 0) return;
    total += static_cast<std::size_t>(got);
    cutter.add({bytes.data(), static_cast<std::size_t>(got)},
               [&](std::string_view line) { (this->*take)(index, line); });
  }
}

void ProcessSupervisor::printed(std::size_t index, std::string_view line) {
  auto& child = children_[index];
  output_.add(std::string(line) + '\n');
  if (!line.starts_with("ready ")) return;
  child.ready_at = now();
  child.was_ready = true;
  if (told_ready_ || !std::ranges::all_of(children_, &Child::was_ready)) return;
  told_ready_ = true;
  output_.add("ready topology=" + options_.name + '\n');
}

void ProcessSupervisor::logged(std::size_t index, std::string_view line) {
  error_.add(lines_.prefixed(index, line));
  if (!files_) return;
  try {
    files_->add(index, line);
  } catch (const std::system_error& e) {
    // A full disk must not end the children; the merged log goes on without the files.
    if (!std::exchange(end_of_files_told_, true)) say(e.what());
  }
}

void ProcessSupervisor::say(std::string_view what) { error_.add(lines_.prefixed(children_.size(), what)); }

void ProcessSupervisor::reap() {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (!children_[i].process) continue;
    if (const auto status = children_[i].process->exit_status()) ended(i, *status);
  }
}

void ProcessSupervisor::ended(std::size_t index, const ExitStatus& status) {
  auto& child = children_[index];
  read(index);
  child.output.end([&](std::string_view line) { printed(index, line); });
  child.error.end([&](std::string_view line) { logged(index, line); });
  child.process.reset();
  const auto ready_at = std::exchange(child.ready_at, std::nullopt);
  const std::string how = how_it_ended(child.spec, status);
  if (stopping_) {
    if (status.signal != 0 || status.code != 0) say(how);
    return;
  }
  if (status.signal == 0 && status.code == misused) {
    say(how + ": another start cannot help, so all end");
    stop(misused);
    return;
  }
  if (ready_at && now() - *ready_at >= options_.settled) child.failures = 0;
  plan_restart(index, how);
}

void ProcessSupervisor::plan_restart(std::size_t index, const std::string& why) {
  auto& child = children_[index];
  ++child.failures;
  const Duration pause = options_.backoff.wait(child.failures, options_.random());
  child.restart_at = now() + pause;
  say(fmt::format("{}; it starts again in {} ms", why, pause.count()));
}

void ProcessSupervisor::restart_due() {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (!children_[i].restart_at || *children_[i].restart_at > now()) continue;
    try {
      start(i);
    } catch (const std::system_error& e) {
      plan_restart(i, e.what());
    }
  }
}

void ProcessSupervisor::stop(ExitCode code) {
  exit_code_ = code;
  for (auto& child : children_) child.restart_at.reset();
  begin_phase(StopPhase::first);
}

void ProcessSupervisor::begin_phase(StopPhase phase) {
  stopping_ = phase;
  stop_limit_ = now() + options_.patience;
  for (const auto& child : children_) {
    if (child.process && child.spec.stop_phase == phase) child.process->signal(SIGTERM);
  }
}

void ProcessSupervisor::go_on_stopping() {
  if (!any_running(*stopping_)) {
    if (*stopping_ == StopPhase::first) begin_phase(StopPhase::last);
    return;
  }
  if (now() < stop_limit_) return;
  for (const auto& child : children_) {
    if (!child.process || child.spec.stop_phase != *stopping_) continue;
    say(fmt::format("{} does not end within {} ms and is killed", child.spec.name, options_.patience.count()));
    child.process->signal(SIGKILL);
  }
  if (exit_code_ == done) exit_code_ = failed;
  stop_limit_ = now() + options_.patience;
}

void ProcessSupervisor::kill_all() {
  for (const auto& child : children_) {
    if (child.process) child.process->signal(SIGKILL);
  }
}

bool ProcessSupervisor::any_running() const {
  return std::ranges::any_of(children_, [](const Child& child) { return child.process != nullptr; });
}

bool ProcessSupervisor::any_running(StopPhase phase) const {
  return std::ranges::any_of(children_,
                             [&](const Child& child) { return child.process && child.spec.stop_phase == phase; });
}

void ProcessSupervisor::flush() {
  const Instant limit = now() + flush_patience;
  while ((!output_.empty() || !error_.empty()) && now() < limit) {
    std::vector<pollfd> polled{{output_.empty() ? -1 : output_.descriptor(), POLLOUT, 0},
                               {error_.empty() ? -1 : error_.descriptor(), POLLOUT, 0}};
    poll_once(polled, milliseconds_until(limit));
    if (polled[0].revents != 0) output_.write_some();
    if (polled[1].revents != 0) error_.write_some();
  }
}

}  // namespace troupe::cli
