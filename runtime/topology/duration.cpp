#include <troupe/topology/duration.hpp>

namespace troupe::topology {

std::optional<Duration> read_duration(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration || *duration < Duration::zero() || *duration > longest_duration) return std::nullopt;
  return duration;
}

std::optional<std::pair<Duration, Duration>> read_duration_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto from = read_duration(text.substr(0, dots));
  const auto to = read_duration(text.substr(dots + 2));
  if (!from || !to || *to < *from) return std::nullopt;
  return std::pair(*from, *to);
}

}  // namespace troupe::topology
