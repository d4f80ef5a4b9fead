#include <troupe/engine/sweeps.hpp>

#include <stdexcept>
#include <utility>

#include <troupe/engine/detail/exception_text.hpp>

namespace troupe::engine {

using supervision::ExitReason;

namespace {

constexpr auto sweep_deadline = std::chrono::seconds(60);

}  // namespace

/// One life of a sweep.
class Sweeps::Runner final : public Leaf, private loop::Timer {
 public:
  Runner(Sweeps& sweeps, Entry& entry) : loop::Timer(&Runner::due), sweeps_(sweeps), entry_(entry) {}
  ~Runner() override {
    sweeps_.loop_.cancel_timer(*this);
    if (entry_.living == this) entry_.living = nullptr;
  }

  void start(Told told) override {
    ended_ = std::move(told.ended);
    entry_.living = this;
    told.started();
    if (sweeps_.is_begun_) wait();
  }

  void exit(ExitSignal signal) override {
    sweeps_.loop_.cancel_timer(*this);
    is_ending_ = true;
    if (signal == ExitSignal::kill) run_.reset();
    if (!run_) end(signal == ExitSignal::kill ? ExitReason::killed() : ExitReason::shutdown());
  }

  void run() {
    if (is_ending_ || sweeps_.stopping_.load(std::memory_order_relaxed)) return;
    try {
      run_ = std::make_unique<Run>(*this, entry_.sweep.run());
    } catch (...) {
      return end(ExitReason::error(text_of(std::current_exception())));
    }
    run_->begin();
  }

 private:
  /// The coroutine of one run.
  class Run final : public Root {
   public:
    Run(Runner& runner, Task<Done> task)
        : Root(runner.sweeps_.engine_, runner.sweeps_.loop_), runner_(runner), task_(std::move(task)) {
      origin_ = Shared<Origin>(new Origin(Principal::of_node(runner.sweeps_.node_), {}));
      deadline_ = loop().now() + sweep_deadline;
    }
    ~Run() override = default;
    /// May destroy it.
    void begin() {
      task_.handle().promise().start_in(*this);
      continue_with(task_.handle());
      go();
    }

   private:
    void ended() override {
      if (auto exception = task_.handle().promise().exception()) return runner_.crashed(exception);
      runner_.ran(task_.take_outcome());
    }

    Runner& runner_;
    Task<Done> task_;
  };

  void wait() { sweeps_.loop_.start_timer(*this, sweeps_.loop_.now() + entry_.sweep.every); }
  void ran(const Outcome<Done>& outcome) {
    run_.reset();
    if (!outcome.ok()) sweeps_.on_failure_(entry_.sweep.name, outcome.failure());
    is_ending_ ? end(ExitReason::shutdown()) : wait();
  }
  void crashed(const std::exception_ptr& exception) {
    const std::string what = text_of(exception);
    run_.reset();
    end(ExitReason::error(what));
  }
  void end(ExitReason reason) {
    if (auto ended = std::exchange(ended_, nullptr)) ended(std::move(reason));
  }

  static void due(loop::Timer& timer) { static_cast<Runner&>(timer).run(); }

  Sweeps& sweeps_;
  Entry& entry_;
  std::function<void(ExitReason)> ended_;
  std::unique_ptr<Run> run_;  ///< while it runs
  bool is_ending_ = false;
};

Sweeps::Sweeps(Engine& engine, std::string node, OnFailure on_failure)
    : engine_(engine), loop_(engine.loop(0)), node_(std::move(node)), on_failure_(std::move(on_failure)) {}

Sweeps::~Sweeps() = default;

void Sweeps::add(Domain::Sweep sweep) {
  const Host* host = engine_.find_host(sweep.protocol->name);
  if (!host) throw std::logic_error("the sweep " + sweep.name + " is of a protocol that the engine does not know");
  if (!host->owns_any()) return;
  auto& entry = *entries_.emplace_back(std::make_unique<Entry>(Entry{std::move(sweep)}));
  engine_.add_worker(
      std::string(host->domain()), entry.sweep.name,
      LeafSpec{loop_.index(), [this, &entry](loop::Loop&) { return std::make_unique<Runner>(*this, entry); }});
}

void Sweeps::start() {
  loop_.call([this] {
    is_begun_ = true;
    for (const auto& entry : entries_) {
      if (entry->living) entry->living->run();
    }
  });
}

}  // namespace troupe::engine
