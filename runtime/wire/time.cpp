#include <troupe/wire/time.hpp>

#include <array>
#include <charconv>
#include <limits>
#include <stdexcept>

namespace troupe {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::string_view time_shape = "0000-00-00T00:00:00.000Z";

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

// Largest first, as they are tried when writing.
constexpr std::array<Unit, 5> units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

void put_digits(char* at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

bool has_time_shape(std::string_view text) {
  if (text.size() != time_shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (time_shape[i] == '0' ? !digit : text[i] != time_shape[i]) return false;
  }
  return true;
}

unsigned number_at(std::string_view text, std::size_t begin, std::size_t size) {
  unsigned value = 0;
  for (char c : text.substr(begin, size)) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

}  // namespace

void append_text(std::string& out, Time time) {
  if (time < wire::first_time || time > wire::last_time) {
    throw std::out_of_range("a time outside the years 0000 to 9999 has no text: " +
                            std::to_string(time.time_since_epoch().count()) + " ms");
  }
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char text[] = "0000-00-00T00:00:00.000Z";
  put_digits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(text + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(text + 8, static_cast<unsigned>(date.day()), 2);
  put_digits(text + 11, static_cast<unsigned>(clock.hours().count()), 2);
  put_digits(text + 14, static_cast<unsigned>(clock.minutes().count()), 2);
  put_digits(text + 17, static_cast<unsigned>(clock.seconds().count()), 2);
  put_digits(text + 20, static_cast<unsigned>(clock.subseconds().count()), 3);
  out.append(text, time_shape.size());
}

std::string to_text(Time time) {
  std::string text;
  append_text(text, time);
  return text;
}

std::optional<Time> parse_time(std::string_view text) {
  if (!has_time_shape(text)) return std::nullopt;
  const year_month_day date{std::chrono::year{static_cast<int>(number_at(text, 0, 4))},
                            std::chrono::month{number_at(text, 5, 2)}, std::chrono::day{number_at(text, 8, 2)}};
  const unsigned hour = number_at(text, 11, 2);
  const unsigned minute = number_at(text, 14, 2);
  const unsigned second = number_at(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} +
         std::chrono::milliseconds{number_at(text, 20, 3)};
}

void append_text(std::string& out, Duration duration) {
  const std::int64_t count = duration.count();
  for (const Unit& unit : units) {
    if (count % unit.milliseconds != 0 || (count == 0 && unit.name != "s")) continue;
    std::array<char, 24> number{};
    const auto [end, error] = std::to_chars(number.data(), number.data() + number.size(), count / unit.milliseconds);
    out.append(number.data(), end);
    out.append(unit.name);
    return;
  }
}

std::string to_text(Duration duration) {
  std::string text;
  append_text(text, duration);
  return text;
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (name != unit.name) continue;
    std::int64_t milliseconds = 0;
    if (__builtin_mul_overflow(number, unit.milliseconds, &milliseconds)) return std::nullopt;
    return Duration{milliseconds};
  }
  return std::nullopt;
}

}  // namespace troupe
