#include <troupe/observe/detail/line_writer.hpp>

#include <troupe/observe/log.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace troupe::observe::detail {
namespace {

/// How often a waiting writer looks whether it should give up.
constexpr Duration wait_turn = std::chrono::milliseconds(50);

constexpr int most_turns = static_cast<int>(log_close_patience / wait_turn);

}  // namespace

LineWriter::Wait LineWriter::wait() {
  while (true) {
    pollfd ready{descriptor_, POLLOUT, 0};
    const bool patient = patience_used_ <= most_turns;
    const int count = ::poll(&ready, 1, patient ? static_cast<int>(wait_turn.count()) : 0);
    if (count > 0) return (ready.revents & POLLOUT) != 0 ? Wait::ready : Wait::hopeless;
    if (count < 0 && errno != EINTR) return Wait::hopeless;
    if (!patient) return Wait::hopeless;
    if (giving_up_) ++patience_used_;
  }
}

void LineWriter::write(std::string_view line) {
  buffer_.assign(line);
  buffer_ += '\n';
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    // A pipe that is ready takes PIPE_BUF bytes without blocking; more could block for good.
    const std::size_t most = std::min<std::size_t>(rest.size(), PIPE_BUF);
    const ssize_t written = wait() == Wait::ready ? ::write(descriptor_, rest.data(), most) : -1;
    if (written < 0 && (errno == EAGAIN || errno == EINTR) && !giving_up_) continue;
    if (written <= 0) {
      ++lost_;
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace troupe::observe::detail
