#pragma once

#include <troupe/topology/duration.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/topology/model.hpp>
#include <troupe/wire/reflect.hpp>
#include <troupe/wire/shape.hpp>
#include <troupe/wire/validate.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe::topology::detail {

/// Moves values of a TOML table into the fields of an aggregate; what does not fit is reported and left as it was.
class Binder {
 public:
  explicit Binder(Faults& faults) : faults_(faults) {}

  template <wire::Aggregate T>
  void table(const Table& entries, const std::string& path, T& target) {
    wire::for_each_field(target, [&](std::string_view name, auto& field) {
      if (const Entry* entry = find(entries, name)) value(entry->value, KeyPath{path, name}, field);
    });
    std::vector<std::string> known;
    for (const std::string_view name : wire::field_names<T>) known.emplace_back(name);
    unknown_keys(entries, path, known);
  }

 private:
  /// A key and the table that it stands in.
  struct KeyPath {
    const std::string& path;
    std::string_view key;

    std::string nested() const { return path + "." + std::string(key); }
    std::string name() const { return quote(key) + " in [" + path + "]"; }
  };

  template <class T>
  void value(const Value& from, const KeyPath& key, T& target) {
    constexpr wire::Shape shape = wire::shape_of<T>;
    if constexpr (shape == wire::Shape::boolean || shape == wire::Shape::string) {
      simple(from, key, target);
    } else if constexpr (shape == wire::Shape::integer) {
      integer(from, key, target);
    } else if constexpr (shape == wire::Shape::real) {
      if (const auto number = floating(from, key)) target = static_cast<T>(*number);
    } else if constexpr (shape == wire::Shape::duration) {
      if (const auto found = duration(from, key)) target = *found;
    } else if constexpr (shape == wire::Shape::text) {
      encoded(from, key, target);
    } else if constexpr (shape == wire::Shape::enumeration) {
      enumerator(from, key, target);
    } else if constexpr (shape == wire::Shape::aggregate) {
      if (const auto* inner = from.get<Table>()) return table(*inner, key.nested(), target);
      wrong_type(from, key, "a table");
    } else if constexpr (shape != wire::Shape::none) {
      container(from, key, target);
    }
  }

  template <class T>
  void container(const Value& from, const KeyPath& key, std::optional<T>& target) {
    T inner{};
    const std::size_t before = faults_.size();
    value(from, key, inner);
    if (faults_.size() == before) target = std::move(inner);
  }

  template <class T>
  void container(const Value& from, const KeyPath& key, std::vector<T>& target) {
    const auto* items = from.get<Array>();
    if (items == nullptr) return wrong_type(from, key, "a list");
    target.clear();
    for (const Value& item : *items) {
      T inner{};
      value(item, key, inner);
      target.push_back(std::move(inner));
    }
  }

  template <class T>
  void container(const Value& from, const KeyPath& key, std::map<std::string, T>& target) {
    const auto* entries = from.get<Table>();
    if (entries == nullptr) return wrong_type(from, key, "a table");
    target.clear();
    const std::string path = key.nested();
    for (const Entry& entry : *entries) {
      T inner{};
      value(entry.value, KeyPath{path, entry.key}, inner);
      target.emplace(entry.key, std::move(inner));
    }
  }

  template <class T>
  void simple(const Value& from, const KeyPath& key, T& target) {
    const auto* found = from.get<T>();
    if (found == nullptr) return wrong_type(from, key, std::same_as<T, bool> ? "true or false" : "a string");
    target = *found;
  }

  template <wire::Integer T>
  void integer(const Value& from, const KeyPath& key, T& target) {
    const auto number = whole(from, key);
    if (!number) return;
    if (!std::in_range<T>(*number)) {
      // TOML's own integers end at 2^63 - 1.
      constexpr auto most = std::in_range<std::int64_t>(std::numeric_limits<T>::max())
                                ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                : std::numeric_limits<std::int64_t>::max();
      return out_of_range(from, key, *number, static_cast<std::int64_t>(std::numeric_limits<T>::min()), most);
    }
    target = static_cast<T>(*number);
  }

  template <class T>
  void encoded(const Value& from, const KeyPath& key, T& target) {
    const auto* text = from.get<std::string>();
    const auto parsed = text == nullptr ? std::nullopt : wire::TextCodec<T>::from_text(*text);
    if (!parsed) return wrong_type(from, key, wire::TextCodec<T>::description);
    target = *parsed;
  }

  template <wire::Enumeration E>
  void enumerator(const Value& from, const KeyPath& key, E& target) {
    const auto* text = from.get<std::string>();
    if (text == nullptr) return wrong_type(from, key, "a string");
    if (const auto found = wire::enum_from_name<E>(*text)) {
      target = *found;
      return;
    }
    std::vector<std::string> known;
    for (const auto& enumerator : wire::enumerators<E>) known.emplace_back(enumerator.name);
    unknown_value(from, key, *text, known);
  }

  void unknown_keys(const Table& entries, const std::string& path, const std::vector<std::string>& known);
  void unknown_value(const Value& from, const KeyPath& key, std::string_view text,
                     const std::vector<std::string>& known);
  void wrong_type(const Value& from, const KeyPath& key, std::string_view wanted);
  void out_of_range(const Value& from, const KeyPath& key, std::int64_t number, std::int64_t least, std::int64_t most);
  std::optional<std::int64_t> whole(const Value& from, const KeyPath& key);
  std::optional<double> floating(const Value& from, const KeyPath& key);
  std::optional<Duration> duration(const Value& from, const KeyPath& key);

  Faults& faults_;
};

/// The place in the file that a JSON pointer into the bound value means.
Position place_of(const SettingsTable& settings, std::string_view pointer);

/// Reports what breaks the rules that T states by `check`.
template <class T>
void check_rules(const SettingsTable& settings, const T& value, Faults& faults) {
  std::vector<Fault> broken;
  wire::validate(value, broken);
  for (const Fault& fault : broken) {
    faults.add(place_of(settings, fault.pointer),
               quote(fault.pointer.substr(1)) + " in [" + settings.path + "] has a value that is not allowed",
               "it " + fault.detail);
  }
}

}  // namespace troupe::topology::detail
