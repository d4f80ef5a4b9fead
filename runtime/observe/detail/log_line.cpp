#include <troupe/observe/detail/log_line.hpp>

#include <troupe/wire/utf8.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace troupe::observe::detail {
namespace {

struct LevelLook {
  std::string_view name;
  std::string_view label;
  std::string_view colour;
};

const LevelLook& look_of(Level level) {
  static constexpr std::array<LevelLook, 4> looks = {{{"debug", "DEBUG", "\x1b[2m"},
                                                      {"info", "INFO ", "\x1b[32m"},
                                                      {"warning", "WARN ", "\x1b[33m"},
                                                      {"error", "ERROR", "\x1b[31m"}}};
  return looks.at(static_cast<std::size_t>(level));
}

constexpr std::string_view colour_off = "\x1b[0m";
constexpr std::string_view replacement = "\xef\xbf\xbd";

/// RFC 3339 writes the date first; a person at a terminal knows it.
constexpr std::size_t date_length = std::string_view("2026-11-21T").size();

void append_json_value(std::string& out, const Field::Value& value) {
  std::visit(
      [&](const auto& held) {
        using T = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::string_view>) {
          append_json_text(out, held);
        } else if constexpr (std::is_same_v<T, double>) {
          // JSON has no word for infinity and NaN.
          fmt::format_to(std::back_inserter(out), fmt::runtime(std::isfinite(held) ? "{}" : "\"{}\""), held);
        } else {
          fmt::format_to(std::back_inserter(out), "{}", held);
        }
      },
      value);
}

/// A word stands as it is; what could be misread, or move a terminal's cursor, is written as a JSON string.
void append_plain_text(std::string& out, std::string_view text) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '"' && c != '='; };
  if (!text.empty() && std::ranges::all_of(text, plain) && wire::is_utf8(text)) {
    out += text;
  } else {
    append_json_text(out, text);
  }
}

/// The message, in which spaces are fine, on one line whatever it holds.
void append_message(std::string& out, std::string_view text) {
  std::string quoted;
  append_json_text(quoted, text);
  const bool unchanged = quoted.size() == text.size() + 2;
  out += unchanged ? text : std::string_view(quoted);
}

std::string json_line(const LogOptions& options, Level level, std::string_view message) {
  std::string line = R"({"time":")" + (options.clock ? to_text(options.clock()) : std::string()) + R"(","level":")";
  line += look_of(level).name;
  line += '"';
  append_field(line, LogFormat::json, {"node", options.node});
  append_field(line, LogFormat::json, {"message", message});
  return line;
}

std::string text_line(const LogOptions& options, Level level, std::string_view message) {
  std::string line;
  if (options.clock) line = to_text(options.clock()).substr(date_length) + " ";
  const LevelLook& look = look_of(level);
  const bool coloured = options.format == LogFormat::coloured_text;
  if (coloured) line += look.colour;
  line += look.label;
  if (coloured) line += colour_off;
  line += ' ';
  append_plain_text(line, options.node);
  line += "  ";
  append_message(line, message);
  return line;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  const bool valid = wire::is_utf8(text);
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else if (byte >= 0x80 && !valid) {
      out += replacement;
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_field(std::string& line, LogFormat format, const Field& field) {
  if (format == LogFormat::json) {
    line += ',';
    append_json_text(line, field.name);
    line += ':';
    return append_json_value(line, field.value);
  }
  line += "  ";
  line += field.name;
  line += '=';
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return append_plain_text(line, *text);
  append_json_value(line, field.value);
}

std::string format_line(const LogOptions& options, Level level, std::string_view message, std::string_view fixed,
                        Fields fields) {
  const bool json = options.format == LogFormat::json;
  std::string line = json ? json_line(options, level, message) : text_line(options, level, message);
  line += fixed;
  for (const Field& field : fields) append_field(line, options.format, field);
  if (json) line += '}';
  return line;
}

}  // namespace troupe::observe::detail
