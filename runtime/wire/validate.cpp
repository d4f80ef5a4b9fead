#include <troupe/wire/validate.hpp>

#include <fmt/format.h>

#include <troupe/wire/utf8.hpp>

namespace troupe::wire::detail {
namespace {

void check_count(const std::optional<Limits<std::size_t>>& limits, std::size_t count, std::string_view what,
                 const Path& path, std::vector<Fault>& faults) {
  if (!limits || (count >= limits->least && count <= limits->most)) return;
  const std::string numbers = limits->least == limits->most ? fmt::format("exactly {}", limits->most)
                              : limits->least == 0          ? fmt::format("at most {}", limits->most)
                                                            : fmt::format("{} to {}", limits->least, limits->most);
  add_fault(faults, path, fmt::format("must have {} {}", numbers, what));
}

}  // namespace

void check_text(const FieldRules& rules, std::string_view text, const Path& path, std::vector<Fault>& faults) {
  if (rules.length) check_count(rules.length, count_code_points(text), "characters", path, faults);
  check_size(rules, text.size(), path, faults);
}

void check_size(const FieldRules& rules, std::size_t bytes, const Path& path, std::vector<Fault>& faults) {
  check_count(rules.bytes, bytes, "bytes", path, faults);
}

void check_items(const FieldRules& rules, std::size_t items, const Path& path, std::vector<Fault>& faults) {
  check_count(rules.items, items, "items", path, faults);
}

void check_integer(const FieldRules& rules, std::int64_t value, const Path& path, std::vector<Fault>& faults) {
  if (!rules.range || (value >= rules.range->least && value <= rules.range->most)) return;
  add_fault(faults, path, fmt::format("must be from {} to {}", rules.range->least, rules.range->most));
}

void check_duration(const FieldRules& rules, Duration value, const Path& path, std::vector<Fault>& faults) {
  if (!rules.range || (value.count() >= rules.range->least && value.count() <= rules.range->most)) return;
  add_fault(faults, path,
            fmt::format("must be from {} to {}", to_text(Duration{rules.range->least}),
                        to_text(Duration{rules.range->most})));
}

void check_real(const FieldRules& rules, double value, const Path& path, std::vector<Fault>& faults) {
  // Written so that NaN is outside every range.
  if (!rules.real_range || (value >= rules.real_range->least && value <= rules.real_range->most)) return;
  add_fault(faults, path, fmt::format("must be from {} to {}", rules.real_range->least, rules.real_range->most));
}

void check_match(const FieldRules& rules, const void* value, const Path& path, std::vector<Fault>& faults) {
  if (!rules.test(rules, value)) add_fault(faults, path, fmt::format("must be {}", rules.must_be));
}

}  // namespace troupe::wire::detail
