#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/wire/holds.hpp>
#include <troupe/wire/reflect.hpp>
#include <troupe/wire/shape.hpp>

namespace troupe {
namespace wire {

template <class N>
struct Limits {
  N least;
  N most;
};

/// What a field must keep to, as data: checked on input, and printed in the API's description.
struct FieldRules {
  using Test = bool (*)(const FieldRules& rules, const void* value);
  using AnyFunction = void (*)();

  std::optional<Limits<std::size_t>> length;  // of text, in code points
  std::optional<Limits<std::size_t>> bytes;   // of text or bytes
  std::optional<Limits<std::size_t>> items;   // of a list, set or map
  std::optional<Limits<std::int64_t>> range;  // of an integer, or of a duration in milliseconds
  std::optional<Limits<double>> real_range;
  std::string_view must_be;  // what `matches` asks for: "three capital letters"
  Test test = nullptr;       // calls `predicate` with the right type
  AnyFunction predicate = nullptr;
  std::vector<FieldRules> each;  // none or one: for the elements of a list or set, or the values of a map
};

namespace detail {

template <class T>
struct ElementOf {
  using type = typename T::value_type;
};
template <class K, class T, class Less>
struct ElementOf<std::map<K, T, Less>> {
  using type = T;
};

}  // namespace detail

/// States rules for one field; where the field is optional, for its value when present.
template <class T>
class FieldChecker {
  static constexpr Shape shape = shape_of<T>;
  static constexpr bool is_text = shape == Shape::string;
  static constexpr bool has_items = shape == Shape::list || shape == Shape::set || shape == Shape::map;
  static constexpr bool has_elements = has_items || shape == Shape::array;
  // What a predicate is handed.
  using Argument = std::conditional_t<is_text, std::string_view, const T&>;

 public:
  explicit FieldChecker(FieldRules& rules) : rules_(&rules) {}

  /// Units: code points.
  FieldChecker& length(std::size_t least, std::size_t most)
    requires is_text
  {
    rules_->length = {least, most};
    return *this;
  }

  FieldChecker& bytes(std::size_t least, std::size_t most)
    requires(is_text || shape == Shape::bytes)
  {
    rules_->bytes = {least, most};
    return *this;
  }

  FieldChecker& items(std::size_t least, std::size_t most)
    requires has_items
  {
    rules_->items = {least, most};
    return *this;
  }

  FieldChecker& range(std::int64_t least, std::int64_t most)
    requires(shape == Shape::integer)
  {
    rules_->range = {least, most};
    return *this;
  }

  FieldChecker& range(Duration least, Duration most)
    requires(shape == Shape::duration)
  {
    rules_->range = {least.count(), most.count()};
    return *this;
  }

  FieldChecker& range(double least, double most)
    requires(shape == Shape::real)
  {
    rules_->real_range = {least, most};
    return *this;
  }

  /// `must_be` completes "must be …" and outlives the program: a literal.
  FieldChecker& matches(bool (*predicate)(Argument), std::string_view must_be) {
    rules_->must_be = must_be;
    rules_->predicate = reinterpret_cast<FieldRules::AnyFunction>(predicate);
    rules_->test = [](const FieldRules& rules, const void* value) {
      const auto stated = reinterpret_cast<bool (*)(Argument)>(rules.predicate);
      if constexpr (is_text) {
        return stated(text_of(*static_cast<const T*>(value)));
      } else {
        return stated(*static_cast<const T*>(value));
      }
    };
    return *this;
  }

  /// Rules for every element of a list or set, and every value of a map.
  auto each()
    requires has_elements
  {
    if (rules_->each.empty()) rules_->each.emplace_back();
    using Element = Unwrapped<typename detail::ElementOf<T>::type>;
    return FieldChecker<Element>(rules_->each.front());
  }

 private:
  FieldRules* rules_;
};

/// Rules of an aggregate, by field in order of declaration; empty where it states none.
using TypeRules = std::vector<FieldRules>;

template <class T>
const TypeRules& rules_of();

}  // namespace wire

/// Collects the field rules that an aggregate states once, for gateway, API description and actors alike:
///
///     static void check(troupe::Checker<Create>& c) {
///       c.field(&Create::name).length(1, 200);
///       c.field(&Create::currency).matches(is_currency, "three capital letters");
///     }
///
/// Errors: the field of another type is a compile error that names both types.
template <class M>
class Checker {
 public:
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  template <class Owner, class Field>
  auto field(Field Owner::* member) {
    static_assert(std::is_same_v<Owner, M>, "check() names a field of another type");
    std::size_t index = 0;
    if constexpr (std::is_same_v<Owner, M>) index = wire::field_index(member);
    return wire::FieldChecker<wire::Unwrapped<Field>>(rules_[index]);
  }

 private:
  template <class T>
  friend const wire::TypeRules& wire::rules_of();

  explicit Checker(std::size_t fields) : rules_(fields) {}

  wire::TypeRules rules_;
};

namespace wire {

template <class T>
concept StatesRules = requires(Checker<T>& checker) { T::check(checker); };

namespace detail {

template <class T>
inline constexpr bool is_checker = false;
template <class M>
inline constexpr bool is_checker<Checker<M>> = true;

/// What takes rules in one way or another: a `check` that is for something else takes no Checker.
template <class T>
concept CheckerParameter = is_checker<std::remove_cvref_t<T>>;

// Only for deduction: which form a `check` has.
template <class R, CheckerParameter C>
void take_static_check(R (*check)(C));
template <class R, class T, CheckerParameter C>
void take_member_check(R (T::*check)(C));
template <class R, class T, CheckerParameter C>
void take_member_check(R (T::*check)(C) const);
template <class R, class Other>
void take_foreign_check(R (*check)(Checker<Other>&));

}  // namespace detail

// A `check` that would never be called.
template <class T>
concept StatesRulesOfOneValue = requires { detail::take_member_check(&T::check); };
template <class T>
concept StatesForeignRules = requires { detail::take_foreign_check(&T::check); } && !StatesRules<T>;
template <class T>
concept StatesRulesToACopy =
    requires { detail::take_static_check(&T::check); } && !StatesRules<T> && !StatesForeignRules<T>;

template <class T>
using StatesAnyRules =
    std::bool_constant<StatesRules<T> || StatesRulesOfOneValue<T> || StatesForeignRules<T> || StatesRulesToACopy<T>>;

/// Whether a T, or anything within it, states rules. Checks are compiled for such types only.
template <class T>
inline constexpr bool holds_rules = holds<StatesAnyRules, T>;

/// StatesRules, where a `check` that would never be called is an error.
template <class T>
consteval bool states_rules() {
  static_assert(!StatesRulesOfOneValue<T>, "check() must be static: it states the rules of a type, not of one value");
  static_assert(!StatesForeignRules<T>, "check() takes a Checker of the type that states the rules");
  static_assert(!StatesRulesToACopy<T>, "check() must take its Checker by reference: Checker<M>&");
  return StatesRules<T>;
}

inline const TypeRules& no_rules() {
  static const TypeRules none;
  return none;
}

/// The rules that `T::check` states, collected at the first call. Threads: any.
template <class T>
const TypeRules& rules_of() {
  if constexpr (states_rules<T>()) {
    static const TypeRules rules = [] {
      Checker<T> checker(field_count<T>);
      T::check(checker);
      return std::move(checker.rules_);
    }();
    return rules;
  } else {
    return no_rules();
  }
}

}  // namespace wire
}  // namespace troupe
