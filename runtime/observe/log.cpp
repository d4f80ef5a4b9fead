#include <troupe/observe/log.hpp>

#include <troupe/observe/detail/line_writer.hpp>
#include <troupe/observe/detail/log_line.hpp>

#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <utility>

namespace troupe::observe {
namespace {

/// For the writing thread: a reader that is gone is an error of `write` there, not the end of the process.
void leave_signals_to_others() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

class Log::Core {
 public:
  explicit Core(LogOptions options) : options_(std::move(options)), level_(options_.level) {}
  virtual ~Core() = default;
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  virtual void line(std::string_view text) = 0;
  virtual bool flush(Duration limit) = 0;
  virtual std::uint64_t dropped() const = 0;

  const LogOptions& options() const { return options_; }
  std::atomic<Level>& level() { return level_; }

 private:
  LogOptions options_;
  std::atomic<Level> level_;
};

class Log::SinkCore final : public Core {
 public:
  SinkCore(LineSink sink, LogOptions options) : Core(std::move(options)), sink_(std::move(sink)) {}

  void line(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    sink_(text);
  }

  bool flush(Duration) override { return true; }
  std::uint64_t dropped() const override { return 0; }

 private:
  std::mutex mutex_;
  LineSink sink_;
};

/// spdlog's queue and thread; the lines are ours.
class Log::QueueCore final : public Core {
 public:
  QueueCore(int descriptor, LogOptions options)
      : Core(std::move(options)),
        writer_(descriptor),
        pool_(std::make_shared<spdlog::details::thread_pool>(log_queue_lines, 1, &leave_signals_to_others)),
        queue_(pool_.get()),
        logger_(std::make_shared<spdlog::async_logger>(std::string(), std::make_shared<Sink>(*this), pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_level(spdlog::level::trace);
  }

  ~QueueCore() override {
    writer_.give_up();
    // The pool ends its thread when the queue is empty; the sink stays with us until then.
    pool_.reset();
  }

  void line(std::string_view text) override {
    ++logged_;
    // spdlog would take the time itself; nobody looks at this one.
    logger_->log(spdlog::log_clock::time_point(), spdlog::source_loc(), spdlog::level::info,
                 spdlog::string_view_t(text.data(), text.size()));
  }

  bool flush(Duration limit) override {
    const std::uint64_t logged = logged_;
    std::unique_lock lock(mutex_);
    return settled_.wait_for(lock, limit, [&] { return written_ + queue_->overrun_counter() >= logged; });
  }

  std::uint64_t dropped() const override { return queue_->overrun_counter() + writer_.lost(); }

 private:
  class Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
   public:
    explicit Sink(QueueCore& core) : core_(core) {}

   private:
    void sink_it_(const spdlog::details::log_msg& message) override {
      core_.write({message.payload.data(), message.payload.size()});
      core_.settle_one();
    }
    void flush_() override {}

    QueueCore& core_;
  };

  /// On the queue's thread.
  void write(std::string_view text) {
    const std::uint64_t lost = dropped();
    if (lost > reported_) {
      writer_.write(detail::format_line(options(), Level::warning,
                                        "log lines were dropped: nobody reads them fast enough", {},
                                        {{"lines", lost - reported_}}));
      reported_ = lost;
    }
    writer_.write(text);
  }

  /// On the queue's thread.
  void settle_one() {
    {
      const std::lock_guard lock(mutex_);
      ++written_;
    }
    settled_.notify_all();
  }

  detail::LineWriter writer_;
  std::atomic<std::uint64_t> logged_ = 0;
  std::mutex mutex_;
  std::condition_variable settled_;
  std::uint64_t written_ = 0;   ///< lines that have left the queue
  std::uint64_t reported_ = 0;  ///< lost lines that the log has told of
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  spdlog::details::thread_pool* queue_;  ///< the same; its thread asks for it while `pool_` goes
  std::shared_ptr<spdlog::async_logger> logger_;
};

Log Log::asynchronous(int descriptor, LogOptions options) {
  Log log;
  log.core_ = std::make_shared<QueueCore>(descriptor, std::move(options));
  return log;
}

Log Log::immediate(LineSink sink, LogOptions options) {
  Log log;
  log.core_ = std::make_shared<SinkCore>(std::move(sink), std::move(options));
  return log;
}

Log Log::with(Fields fields) const {
  Log log = *this;
  if (!core_) return log;
  auto fixed = std::make_shared<std::string>(fixed_ ? *fixed_ : std::string());
  for (const Field& field : fields) detail::append_field(*fixed, core_->options().format, field);
  log.fixed_ = std::move(fixed);
  return log;
}

bool Log::enabled(Level level) const { return core_ && level >= core_->level().load(std::memory_order_relaxed); }

void Log::set_level(Level level) const {
  if (core_) core_->level() = level;
}

void Log::write(Level level, std::string_view message, Fields fields) const {
  if (!enabled(level)) return;
  core_->line(detail::format_line(core_->options(), level, message, fixed_ ? *fixed_ : std::string_view(), fields));
}

bool Log::flush(Duration limit) const { return !core_ || core_->flush(limit); }

std::uint64_t Log::dropped() const { return core_ ? core_->dropped() : 0; }

std::optional<Level> level_from(std::string_view name) {
  static constexpr std::array<std::string_view, 4> names = {"debug", "info", "warning", "error"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

LogFormat format_for(int descriptor, const EnvironmentVariable& environment) {
  if (::isatty(descriptor) == 0) return LogFormat::json;
  const bool plain = environment && !environment("NO_COLOR").value_or("").empty();
  return plain ? LogFormat::text : LogFormat::coloured_text;
}

}  // namespace troupe::observe
