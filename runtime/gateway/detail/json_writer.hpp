#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/wire/json.hpp>

namespace troupe::gateway::detail {

/// Writes JSON whose form is decided while it is written. Objects and arrays are closed in the order of their opening.
///
///     w.open('{').key("a").value("text").key("b").open('[').number(1).close(']').close('}');
class JsonWriter {
 public:
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    separate();
    wire::write_json(out_, std::string(name));
    out_ += ':';
    first_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text) {
    separate();
    wire::write_json(out_, std::string(text));
    return *this;
  }
  JsonWriter& number(std::int64_t number) { return raw(std::to_string(number)); }
  /// JSON as it is.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }
  /// A member whose value is text.
  JsonWriter& text(std::string_view name, std::string_view value) { return key(name).value(value); }

  std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string out_;
  bool first_ = true;
};

}  // namespace troupe::gateway::detail
