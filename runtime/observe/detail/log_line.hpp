#pragma once

#include <troupe/observe/log.hpp>

#include <string>
#include <string_view>

namespace troupe::observe::detail {

/// One line, without its end. `fixed` holds fields that `append_field` has formatted before.
std::string format_line(const LogOptions& options, Level level, std::string_view message, std::string_view fixed,
                        Fields fields);

void append_field(std::string& line, LogFormat format, const Field& field);

/// `text` as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD.
void append_json_text(std::string& out, std::string_view text);

}  // namespace troupe::observe::detail
