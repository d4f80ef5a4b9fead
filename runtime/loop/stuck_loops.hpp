#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <troupe/wire/time.hpp>

namespace troupe::loop {

/// What a watchdog does with a loop that is stuck: one that has begun nothing new for so long.
struct WatchdogLimits {
  Duration report = std::chrono::seconds(1);  ///< it tells of it
  Duration exit = std::chrono::seconds(60);   ///< it ends the process; 0: never
};

enum class Debugger : std::uint8_t { absent, attached };

/// Tells which loops are stuck, from how far each has come between one look and the next. Pure: it is handed the time.
class StuckLoops {
 public:
  struct Finding {
    enum class Kind : std::uint8_t {
      stuck,     ///< at the limit, and each time that has doubled
      went_on,   ///< after it was stuck
      hopeless,  ///< for so long that the process should end
    };
    Kind kind;
    std::size_t loop;
    Duration held;  ///< at least for so long
  };

  StuckLoops(WatchdogLimits limits, std::size_t loops) : limits_(limits), watched_(loops) {}

  /// How often to look.
  Duration interval() const { return limits_.report / 4; }

  /// Takes what each loop has begun so far (Loop::begun()); nothing: no thread runs it. Between two looks each loop
  /// must have been given something to begin, or an idle one looks stuck.
  ///
  /// A look that comes late by more than the interval begins to count anew: whatever kept it, a pause of the process or
  /// of its machine, has kept the loops as well. While a debugger is attached, nothing is hopeless; it is asked only
  /// when something would be.
  std::vector<Finding> look(Instant now, std::span<const std::optional<std::uint64_t>> begun,
                            const std::function<Debugger()>& debugger);

 private:
  struct Watched {
    std::optional<std::uint64_t> begun;
    Instant since{};       ///< it has begun nothing
    Instant exit_since{};  ///< the same, without the time under a debugger
    Duration next_report{};
    bool stuck = false;
  };

  void count_anew(Watched& watched, Instant now) const;
  std::optional<Finding::Kind> judge(Watched& watched, Instant now, const std::function<Debugger()>& debugger) const;

  WatchdogLimits limits_;
  std::vector<Watched> watched_;
  std::optional<Instant> last_look_;
};

}  // namespace troupe::loop
