#include <troupe/topology/detail/substitute.hpp>

#include <troupe/wire/utf8.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace troupe::topology::detail {
namespace {

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

class Substitution {
 public:
  Substitution(const Environment& environment, Faults& faults) : environment_(environment), faults_(faults) {}

  void visit(Table& table) {
    for (Entry& entry : table) visit(entry.value);
  }

 private:
  void visit(Value& value) {
    if (auto* table = std::get_if<Table>(&value.data)) visit(*table);
    if (auto* items = std::get_if<Array>(&value.data)) {
      for (Value& item : *items) visit(item);
    }
    if (auto* text = std::get_if<std::string>(&value.data); text != nullptr && text->find('$') != std::string::npos) {
      const std::string before = std::exchange(*text, {});
      *text = expand(before, value);
    }
  }

  std::string expand(std::string_view text, Value& value) {
    std::string out;
    while (!text.empty()) {
      const std::size_t dollar = text.find('$');
      out += text.substr(0, dollar);
      if (dollar == std::string_view::npos) break;
      text.remove_prefix(dollar + 1);
      if (text.starts_with('$')) {
        out += '$';
        text.remove_prefix(1);
      } else if (text.starts_with('{')) {
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) {
          faults_.add(value.at, "`${` is never closed", "write ${NAME} or ${NAME:-default}, or $$ for a plain $");
          return out;
        }
        out += variable(text.substr(1, end - 1), value.at);
        value.origin = Origin::environment;
        text.remove_prefix(end + 1);
      } else {
        out += '$';
      }
    }
    return out;
  }

  std::string variable(std::string_view expression, Position at) {
    const std::size_t sign = expression.find(":-");
    const std::string_view name = expression.substr(0, sign);
    if (!is_variable_name(name)) {
      faults_.add(at, quote(name) + " is no name of an environment variable", "write ${NAME} or ${NAME:-default}");
      return {};
    }
    const std::optional<std::string> found = environment_ ? environment_(name) : std::nullopt;
    if (found && !wire::is_utf8(*found)) {
      faults_.add(at, "the environment variable " + quote(name) + " holds octets that are not UTF-8",
                  "set it to a text");
      return {};
    }
    if (sign != std::string_view::npos) {
      // As in a shell, the default also stands in for an empty variable.
      return found && !found->empty() ? *found : std::string(expression.substr(sign + 2));
    }
    if (!found) {
      faults_.add(at, "the environment variable " + quote(name) + " is not set",
                  "set it, or write ${" + std::string(name) + ":-default}");
    }
    // Kept as written, an unset secret does not look like none.
    return found.value_or("${" + std::string(name) + "}");
  }

  const Environment& environment_;
  Faults& faults_;
};

}  // namespace

void substitute(Table& table, const Environment& environment, Faults& faults) {
  Substitution(environment, faults).visit(table);
}

}  // namespace troupe::topology::detail
