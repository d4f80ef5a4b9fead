#include <troupe/loop/loop.hpp>

namespace troupe::loop {

namespace {
thread_local Loop* current_loop = nullptr;
}

Loop::Loop(std::size_t index, const Clock& clock, std::unique_ptr<Chance> chance)
    : index_(index), clock_(clock), now_(clock.monotonic()), timers_(now_), chance_(std::move(chance)) {}

Loop* Loop::current() { return current_loop; }

Loop::Entered::Entered(Loop& loop) : before_(std::exchange(current_loop, &loop)) {}
Loop::Entered::~Entered() { current_loop = before_; }

void Loop::post(Job job) {
  bool first = false;
  {
    std::lock_guard lock(posted_mutex_);
    first = posted_.empty();
    posted_.push_back(job);
  }
  if (first) wake();
}

void Loop::nudge() {
  if (nudged_.exchange(true, std::memory_order_relaxed)) return;
  post({[](void* loop, std::uint64_t) { static_cast<Loop*>(loop)->nudged_.store(false, std::memory_order_relaxed); },
        this});
}

void Loop::take_posted() {
  {
    std::lock_guard lock(posted_mutex_);
    taking_.swap(posted_);
  }
  ready_.insert(ready_.end(), taking_.begin(), taking_.end());
  taking_.clear();
}

void Loop::start_timer(Timer& timer, Instant due) {
  timers_.start(timer, due);
  // A driver asleep until an earlier deadline of its own must learn of this one.
  if (!running_) wake();
}

bool Loop::run_round() {
  run_jobs(round_length, at_once_limit);
  return !idle();
}

void Loop::run_one() { run_jobs(1, 0); }

void Loop::run_jobs(std::size_t count, unsigned at_once) {
  refresh();
  running_ = true;
  take_posted();
  const std::size_t ready_before = ready_.size();
  queued_.store(ready_before, std::memory_order_relaxed);
  // What ran at once counts too, except among the jobs that were ready at the beginning: else one that queues another
  // again and again would hold up what other threads post, and the sockets, by a round of such jobs.
  for (std::size_t i = 0, done = 0; i < count && (i < ready_before || done < count) && !ready_.empty(); ++i) {
    const Job job = ready_.front();
    ready_.pop_front();
    at_once_left_ = at_once;
    begins();
    job.run(job.object, job.argument);
    done += 1 + (at_once - at_once_left_);
  }
  begins();
  timers_.advance(now_);
  queued_.store(ready_.size(), std::memory_order_relaxed);
  running_ = false;
}

bool Loop::idle() const {
  if (!ready_.empty()) return false;
  std::lock_guard lock(posted_mutex_);
  return posted_.empty();
}

void Loop::drop_jobs() {
  // A dropped job may queue another.
  for (take_posted(); !ready_.empty(); take_posted()) {
    const Job job = ready_.front();
    ready_.pop_front();
    if (job.drop) job.drop(job.object);
  }
}

}  // namespace troupe::loop
