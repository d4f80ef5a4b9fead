#pragma once

#include <troupe/wire/time.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace troupe::observe {

enum class Level : std::uint8_t { debug, info, warning, error };

/// The level that is called "debug", "info", "warning" or "error".
std::optional<Level> level_from(std::string_view name);

/// How a line looks: for people, for people at a terminal with colours, or one JSON object.
enum class LogFormat : std::uint8_t { text, coloured_text, json };

/// A named value of a log line. Lifetime: refers to its texts; for the length of one call.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  template <class T>
  Field(std::string_view field_name, const T& field_value) : name(field_name), value(converted(field_value)) {}

  std::string_view name;
  Value value;

 private:
  template <class T>
  static Value converted(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value;
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(value);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<std::uint64_t>(value);
    } else {
      return std::string_view(value);
    }
  }
};

using Fields = std::initializer_list<Field>;

/// Tells the time of a line; it comes from the engine, so that a simulation logs its own time.
using WallClock = std::function<Time()>;

/// Takes one finished line, without its line end. Threads: those that log, one at a time.
using LineSink = std::function<void(std::string_view line)>;

/// Lines that wait for a slow reader; when they are more, the oldest are dropped and counted.
inline constexpr std::size_t log_queue_lines = 4096;

/// How long the end of a log waits for a reader that does not read.
inline constexpr Duration log_close_patience = std::chrono::seconds(1);

struct LogOptions {
  std::string node;
  Level level = Level::info;
  LogFormat format = LogFormat::json;
  WallClock clock;
};

/// Where the program says what happens: leveled lines with structured fields. A cheap handle, to be copied around.
///
///     const Log log = Log::asynchronous(STDERR_FILENO, {.node = "main", .clock = clock});
///     log.info("listening", {{"address", "127.0.0.1:8080"}});
///     const Log request = log.with({{"trace_id", trace}});   // on every line of this request
///
/// Threads: any. Logging never waits for the reader of the lines.
class Log {
 public:
  /// Discards everything.
  Log() = default;

  /// Writes to `descriptor` from a thread of its own.
  /// Lifetime: what has been logged is written when the last copy goes; a reader that does not read loses it after
  /// `log_close_patience`. A reader that is gone loses lines too, and does no other harm.
  static Log asynchronous(int descriptor, LogOptions options);

  /// Hands each line over at once: for tests and simulations.
  static Log immediate(LineSink sink, LogOptions options);

  /// This log with more fields on every line.
  Log with(Fields fields) const;

  bool enabled(Level level) const;
  void set_level(Level level) const;

  void debug(std::string_view message, Fields fields = {}) const { write(Level::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) const { write(Level::info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) const { write(Level::warning, message, fields); }
  void error(std::string_view message, Fields fields = {}) const { write(Level::error, message, fields); }

  void write(Level level, std::string_view message, Fields fields = {}) const;

  /// Waits until what this thread has logged so far is written, or lost; false: the limit has passed before. For last
  /// words: whoever goes on does not need it.
  bool flush(Duration limit) const;

  /// Lines lost because nobody read them fast enough.
  std::uint64_t dropped() const;

 private:
  class Core;
  class QueueCore;
  class SinkCore;

  std::shared_ptr<Core> core_;
  std::shared_ptr<const std::string> fixed_;  ///< the fields of `with`, formatted
};

/// Answers what an environment variable holds.
using EnvironmentVariable = std::function<std::optional<std::string>(std::string_view name)>;

/// Text on a terminal, coloured unless NO_COLOR is set; JSON otherwise.
LogFormat format_for(int descriptor, const EnvironmentVariable& environment);

}  // namespace troupe::observe
