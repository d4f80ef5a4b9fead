#include <troupe/wire/schema_compatibility.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace troupe::wire {

namespace {

constexpr std::array<std::string_view, 17> scalars = {"bool",  "i8",   "i16",      "i32", "i64", "u8",
                                                      "u16",   "u32",  "u64",      "f32", "f64", "string",
                                                      "bytes", "time", "duration", "id",  "text"};

/// More fields, enumerators or alternatives has no type that anybody writes.
constexpr std::size_t most_names = 4096;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class DescriptionReader {
 public:
  explicit DescriptionReader(std::string_view text) : rest_(text) {}

  std::optional<TypeShape> read() {
    TypeShape shape;
    if (!type(shape, 0) || !rest_.empty()) return std::nullopt;
    return shape;
  }

 private:
  bool type(TypeShape& shape, int depth) {
    if (depth > deepest_description) return false;
    if (take('{')) {
      shape.kind = "{";
      return fields(shape, '}', depth);
    }
    if (take('^')) {
      shape.kind = "^";
      return number(shape.number) && shape.number > 0;
    }
    shape.kind = word();
    if (shape.kind == "enum") return take('(') && enumerators(shape);
    if (shape.kind == "variant") return take('(') && fields(shape, ')', depth);
    if (shape.kind == "optional" || shape.kind == "list" || shape.kind == "set") {
      return take('<') && part(shape, depth) && take('>');
    }
    if (shape.kind == "array") return take('<') && part(shape, depth) && take(',') && number(shape.number) && take('>');
    if (shape.kind == "map") return take('<') && part(shape, depth) && take(',') && part(shape, depth) && take('>');
    return std::ranges::find(scalars, shape.kind) != scalars.end();
  }

  bool part(TypeShape& shape, int depth) { return type(shape.parts.emplace_back(), depth + 1); }

  bool name(TypeShape& shape) {
    std::string text = word();
    if (text.empty() || shape.names.size() == most_names) return false;
    if (std::ranges::find(shape.names, text) != shape.names.end()) return false;
    shape.names.push_back(std::move(text));
    return true;
  }

  bool fields(TypeShape& shape, char end, int depth) {
    while (!take(end)) {
      if (!name(shape) || !take(':') || !part(shape, depth) || !take(',')) return false;
    }
    return true;
  }

  bool enumerators(TypeShape& shape) {
    while (!take(')')) {
      if (!name(shape) || !take(',')) return false;
    }
    return true;
  }

  bool number(std::size_t& value) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  std::string word() {
    std::size_t length = 0;
    while (length < rest_.size() && (is_letter(rest_[length]) || (length > 0 && is_digit(rest_[length])))) ++length;
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

class Comparison {
 public:
  std::vector<SchemaChange> take() { return std::move(changes_); }

  void types(const std::string& path, const TypeShape& before, const TypeShape& after) {
    if (before == after) return;
    if (before.kind != after.kind || before.number != after.number) return changed(path, before, after);
    if (before.kind == "{") return aggregates(path, before, after);
    if (before.kind == "enum") return named(path, "enumerator", before, after);
    if (before.kind == "variant") return named(path, "alternative", before, after);
    if (before.kind == "map") {
      types(path + "{key}", before.parts[0], after.parts[0]);
      return types(path + "{}", before.parts[1], after.parts[1]);
    }
    types(before.kind == "optional" ? path : path + "[]", before.parts[0], after.parts[0]);
  }

 private:
  void add(Compatibility compatibility, const std::string& path, std::string what) {
    changes_.push_back({compatibility, path, std::move(what)});
  }

  void changed(const std::string& path, const TypeShape& before, const TypeShape& after) {
    if (after.kind == "optional" && after.parts[0] == before) {
      return add(Compatibility::breaking, path, "became optional: a peer that leaves it out is not understood");
    }
    if (before.kind == "optional" && before.parts[0] == after) {
      return add(Compatibility::breaking, path, "is optional no more: a peer that leaves it out is not understood");
    }
    add(Compatibility::breaking, path, "changed from " + to_string(before) + " to " + to_string(after));
  }

  static std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }

  static const TypeShape* part(const TypeShape& shape, const std::string& name) {
    const auto found = std::ranges::find(shape.names, name);
    return found == shape.names.end() ? nullptr : &shape.parts[static_cast<std::size_t>(found - shape.names.begin())];
  }

  void came_or_went(const std::string& path, const TypeShape& type, std::string_view what) {
    const bool optional = type.kind == "optional";
    add(optional ? Compatibility::compatible : Compatibility::breaking, path,
        "was " + std::string(what) + (optional ? ", and is optional" : ", and is not optional"));
  }

  void aggregates(const std::string& path, const TypeShape& before, const TypeShape& after) {
    for (std::size_t i = 0; i < before.names.size(); ++i) {
      const std::string place = below(path, before.names[i]);
      if (const auto* now = part(after, before.names[i])) {
        types(place, before.parts[i], *now);
      } else {
        came_or_went(place, before.parts[i], "removed");
      }
    }
    for (std::size_t i = 0; i < after.names.size(); ++i) {
      if (part(before, after.names[i]) == nullptr) came_or_went(below(path, after.names[i]), after.parts[i], "added");
    }
    order(path, "fields", before, after);
  }

  /// Enumerators, and alternatives with their types.
  void named(const std::string& path, const std::string& kind, const TypeShape& before, const TypeShape& after) {
    const auto known = [](const TypeShape& shape, const std::string& name) {
      return std::ranges::find(shape.names, name) != shape.names.end();
    };
    for (std::size_t i = 0; i < before.names.size(); ++i) {
      if (!known(after, before.names[i])) {
        add(Compatibility::breaking, path, "lost the " + kind + " " + before.names[i]);
      } else if (!before.parts.empty()) {
        types(below(path, before.names[i]), before.parts[i], *part(after, before.names[i]));
      }
    }
    for (const auto& name : after.names) {
      if (known(before, name)) continue;
      add(Compatibility::breaking, path, "got the " + kind + " " + name + ", which older peers cannot read");
    }
    order(path, kind + "s", before, after);
  }

  void order(const std::string& path, const std::string& what, const TypeShape& before, const TypeShape& after) {
    const auto shared = [](const TypeShape& shape, const TypeShape& other) {
      std::vector<std::string> names;
      std::ranges::copy_if(shape.names, std::back_inserter(names), [&](const std::string& name) {
        return std::ranges::find(other.names, name) != other.names.end();
      });
      return names;
    };
    if (shared(before, after) == shared(after, before)) return;
    add(Compatibility::compatible, path, "has its " + what + " in another order");
  }

  std::vector<SchemaChange> changes_;
};

}  // namespace

std::optional<TypeShape> read_description(std::string_view text) {
  if (text.size() > longest_description) return std::nullopt;
  return DescriptionReader(text).read();
}

std::string to_string(const TypeShape& shape) {
  if (shape.kind == "^") return "^" + std::to_string(shape.number);
  std::string text = shape.kind;
  if (shape.kind == "{" || shape.kind == "variant" || shape.kind == "enum") {
    if (shape.kind != "{") text += '(';
    for (std::size_t i = 0; i < shape.names.size(); ++i) {
      text += shape.names[i];
      if (!shape.parts.empty()) text += ":" + to_string(shape.parts[i]);
      text += ',';
    }
    return text + (shape.kind == "{" ? '}' : ')');
  }
  if (shape.parts.empty()) return text;
  text += '<';
  for (std::size_t i = 0; i < shape.parts.size(); ++i) text += (i == 0 ? "" : ",") + to_string(shape.parts[i]);
  if (shape.kind == "array") text += "," + std::to_string(shape.number);
  return text + '>';
}

std::vector<SchemaChange> compare(const TypeShape& before, const TypeShape& after) {
  Comparison comparison;
  comparison.types("", before, after);
  return comparison.take();
}

std::vector<SchemaChange> compare(std::string_view before, std::string_view after) {
  if (before == after) return {};
  const auto old_form = read_description(before);
  const auto new_form = read_description(after);
  if (!old_form || !new_form) return {{Compatibility::breaking, "", "has a description that cannot be read"}};
  return compare(*old_form, *new_form);
}

bool compatible(const std::vector<SchemaChange>& changes) {
  return std::ranges::none_of(
      changes, [](const SchemaChange& change) { return change.compatibility == Compatibility::breaking; });
}

}  // namespace troupe::wire
