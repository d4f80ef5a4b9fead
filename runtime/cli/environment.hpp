#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::cli {

/// A variable whose value can't be had: its name, why, and what to do, as a line.
class UnusableVariable : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// A variable of this process's environment, or the text of the file that the variable NAME_FILE names, without the
/// end of its last line: so that secrets need not stand in the environment, which others can look at.
/// An empty NAME_FILE is as if it were not set. Errors: UnusableVariable, where both are set, or the file can't be read
/// or can be written by other users.
std::optional<std::string> environment(std::string_view name);

/// A variable as it is, for those that are no setting of this program's own: NO_COLOR.
std::optional<std::string> plain_environment(std::string_view name);

/// What is wrong with those variables whose name begins so, and with the files that they name, a line each; empty:
/// nothing.
std::string unusable_variables(std::string_view prefix);

}  // namespace troupe::cli
