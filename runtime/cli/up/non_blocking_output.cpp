#include <troupe/cli/up/non_blocking_output.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace troupe::cli {

void NonBlockingOutput::write_some() {
  // A pipe that poll(2) calls writable takes this much without waiting. The descriptor itself stays as it is: other
  // processes share it.
  const std::size_t piece = std::min<std::size_t>(waiting_.size(), PIPE_BUF);
  const ssize_t written = ::write(descriptor_, waiting_.data(), piece);
  if (written >= 0) {
    waiting_.erase(0, static_cast<std::size_t>(written));
  } else if (errno != EINTR && errno != EAGAIN) {
    gone_ = true;
    waiting_.clear();
  }
}

}  // namespace troupe::cli
