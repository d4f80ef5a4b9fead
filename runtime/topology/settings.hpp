#pragma once

#include <troupe/topology/detail/binder.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::topology {

/// Reads a `[settings.DOMAIN]` table into the aggregate that the domain declares for it.
///
///     struct Settings { std::chrono::seconds unpaid_after = std::chrono::minutes(15); };
///     const auto settings = topology::bind<Settings>(topology.settings_of("order"));
///
/// A key that is left out keeps the field's own default. Durations are written "15m", enumerators by name, nested
/// aggregates as tables. `static void check(Checker<T>&)` of T states rules, as for messages.
/// Errors: every fault at once, with its place in the file: unknown keys, wrong types, values that do not fit.
template <class T>
Checked<T> bind(const SettingsTable& settings) {
  Faults faults(settings.files);
  T value{};
  detail::Binder(faults).table(settings.entries, settings.path, value);
  if (faults.empty()) detail::check_rules(settings, value, faults);
  if (!faults.empty()) return {std::nullopt, faults.take()};
  return {std::move(value), {}};
}

}  // namespace troupe::topology
