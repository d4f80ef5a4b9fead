#include <troupe/supervision/exit_reason.hpp>

namespace troupe::supervision {

std::string to_text(const ExitReason& reason) {
  switch (reason.kind) {
    case ExitReason::Kind::normal:
      return "normal";
    case ExitReason::Kind::shutdown:
      return reason.detail.empty() ? "shutdown" : "shutdown(" + reason.detail + ")";
    case ExitReason::Kind::killed:
      return "killed";
    case ExitReason::Kind::error:
      break;
  }
  return reason.detail.empty() ? "error" : reason.detail;
}

}  // namespace troupe::supervision
