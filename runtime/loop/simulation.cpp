#include <troupe/loop/simulation.hpp>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

namespace troupe::loop {

namespace {

/// Virtual time; it starts at a fixed moment, 2026-01-01T00:00:00Z.
class VirtualClock final : public Clock {
 public:
  Instant monotonic() const override { return now_; }
  Time wall() const override {
    return Time(std::chrono::seconds(1'767'225'600)) +
           std::chrono::duration_cast<std::chrono::milliseconds>(now_ - start);
  }
  void advance_to(Instant instant) { now_ = std::max(now_, instant); }

  static constexpr Instant start = Instant(std::chrono::hours(1));

 private:
  Instant now_ = start;
};

class SimulatedLoop final : public Loop {
 public:
  using Loop::Loop;
  bool ready() const { return !idle(); }
  std::optional<Instant> due() const { return next_timer(); }
  void round() {
    const Entered entered(*this);
    run_round();
  }
  void one() {
    const Entered entered(*this);
    run_one();
  }
  void drop() {
    const Entered entered(*this);
    drop_jobs();
  }

 protected:
  void wake() override {}
};

using WorkerJobs = std::deque<std::function<void()>>;

class SimulatedWorker final : public Worker {
 public:
  explicit SimulatedWorker(std::shared_ptr<WorkerJobs> jobs) : jobs_(std::move(jobs)) {}
  ~SimulatedWorker() override {
    while (!jobs_->empty()) {
      auto job = std::move(jobs_->front());
      jobs_->pop_front();
      job();
    }
  }
  void post(std::function<void()> job) override { jobs_->push_back(std::move(job)); }

 private:
  std::shared_ptr<WorkerJobs> jobs_;
};

class SimulatedWorkers final : public WorkerFactory {
 public:
  std::unique_ptr<Worker> make(std::string) override {
    queues_.push_back(std::make_shared<WorkerJobs>());
    return std::make_unique<SimulatedWorker>(queues_.back());
  }
  const std::vector<std::shared_ptr<WorkerJobs>>& queues() const { return queues_; }

 private:
  std::vector<std::shared_ptr<WorkerJobs>> queues_;
};

}  // namespace

struct Simulation::Parts {
  VirtualClock clock;
  std::mt19937_64 random;
  std::vector<std::unique_ptr<SimulatedLoop>> loops;  ///< of all nodes; at first those of the simulation itself
  std::size_t own_loops = 0;
  std::vector<std::unique_ptr<LoopDriver>> nodes;
  SimulatedWorkers workers;

  explicit Parts(std::uint64_t seed) : random(seed) {}

  SimulatedLoop& add_loop(std::size_t index) {
    return *loops.emplace_back(std::make_unique<SimulatedLoop>(index, clock, seeded_chance(random())));
  }
};

class Simulation::Node final : public LoopDriver {
 public:
  Node(Simulation& whole, std::size_t loops) : whole_(whole) {
    for (std::size_t i = 0; i < loops; ++i) loops_.push_back(&whole.parts_->add_loop(i));
  }

  std::size_t size() const override { return loops_.size(); }
  Loop& loop(std::size_t index) override { return *loops_[index]; }
  WorkerFactory& workers() override { return whole_.workers(); }
  std::size_t blocking_threads() const override { return 0; }
  void start() override { state_ = State::running; }
  void stop() override { state_ = State::stopped; }
  void drop_jobs() override {
    for (SimulatedLoop* loop : loops_) loop->drop();
  }
  bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) override {
    return state_ == State::running ? whole_.run_until(condition, limit) : condition();
  }

 private:
  enum class State : std::uint8_t { running, stopped };

  Simulation& whole_;
  std::vector<SimulatedLoop*> loops_;
  State state_ = State::running;
};

Simulation::Simulation(std::uint64_t seed, std::size_t loops) : parts_(std::make_unique<Parts>(seed)) {
  for (std::size_t i = 0; i < loops; ++i) parts_->add_loop(i);
  parts_->own_loops = loops;
}

LoopDriver& Simulation::add_node(std::size_t loops) {
  return *parts_->nodes.emplace_back(std::make_unique<Node>(*this, loops));
}

Simulation::~Simulation() = default;

std::size_t Simulation::size() const { return parts_->own_loops; }
Loop& Simulation::loop(std::size_t index) { return *parts_->loops[index]; }
WorkerFactory& Simulation::workers() { return parts_->workers; }
Time Simulation::wall_time() const { return parts_->clock.wall(); }

void Simulation::drop_jobs() {
  for (auto& loop : parts_->loops) loop->drop();
}

bool Simulation::step() { return run_ready(Pace::job); }

bool Simulation::run_ready(Pace pace) {
  std::vector<std::function<void()>> ready;
  for (auto& loop : parts_->loops) {
    if (loop->ready()) ready.emplace_back([&loop, pace] { pace == Pace::round ? loop->round() : loop->one(); });
  }
  for (const auto& jobs : parts_->workers.queues()) {
    if (jobs->empty()) continue;
    ready.emplace_back([jobs] {
      auto job = std::move(jobs->front());
      jobs->pop_front();
      job();
    });
  }
  if (ready.empty()) return false;
  ready[parts_->random() % ready.size()]();
  return true;
}

bool Simulation::run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const Instant end = parts_->clock.monotonic() + limit;
  while (!condition()) {
    if (run_ready(Pace::round)) continue;
    std::optional<Instant> next;
    for (auto& loop : parts_->loops) {
      if (const auto due = loop->due(); due && (!next || *due < *next)) next = due;
    }
    if (!next || *next > end) {
      parts_->clock.advance_to(end);
      return condition();
    }
    parts_->clock.advance_to(*next);
    for (auto& loop : parts_->loops) loop->round();
  }
  return true;
}

void Simulation::advance(std::chrono::milliseconds time) {
  run_until([] { return false; }, time);
}

}  // namespace troupe::loop
