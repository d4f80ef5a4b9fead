#include <troupe/http/detail/handshakes.hpp>

#include <linux/filter.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>

namespace troupe::http {
namespace {

// Of a TCP header: where its flags are, and two of them.
constexpr std::uint32_t flags_at = 13;
constexpr std::uint32_t syn = 0x02;
constexpr std::uint32_t ack = 0x10;

constexpr std::uint32_t drop = 0;
constexpr std::uint32_t keep_all = 0xffffffff;

}  // namespace

void begin_no_handshakes(int listening_socket) {
  // if ((flags & (syn | ack)) == syn) drop; else keep: the jump skips none, or one.
  std::array<sock_filter, 5> steps{{
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, flags_at},
      {BPF_ALU | BPF_AND | BPF_K, 0, 0, syn | ack},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, syn},
      {BPF_RET | BPF_K, 0, 0, drop},
      {BPF_RET | BPF_K, 0, 0, keep_all},
  }};
  const sock_fprog program{.len = static_cast<unsigned short>(steps.size()), .filter = steps.data()};
  ::setsockopt(listening_socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

}  // namespace troupe::http
