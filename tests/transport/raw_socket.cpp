#include "tests/transport/raw_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <troupe/transport/address.hpp>

namespace troupe::transport {
namespace {

constexpr timeval patience{.tv_sec = 60, .tv_usec = 0};

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int new_socket() {
  const int handle = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  checked(setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "setsockopt");
  return handle;
}

}  // namespace

RawSocket::~RawSocket() {
  if (handle_ >= 0) close(handle_);
}

RawSocket RawSocket::connect(const std::string& address) {
  RawSocket result(new_socket());
  const sockaddr_in to = loopback(parse_link_address(address)->port);
  checked(::connect(result.handle_, reinterpret_cast<const sockaddr*>(&to), sizeof to), "connect");
  return result;
}

void RawSocket::write(std::span<const std::byte> octets) {
  while (!octets.empty()) {
    const auto taken = send(handle_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (taken < 0) throw std::system_error(errno, std::generic_category(), "send");
    octets = octets.subspan(static_cast<std::size_t>(taken));
  }
}

std::size_t RawSocket::try_write(std::span<const std::byte> octets) {
  const auto taken = send(handle_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return taken < 0 ? 0 : static_cast<std::size_t>(taken);
}

bool RawSocket::go_deaf() {
  sock_filter take_nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog filter{1, &take_nothing};
  return setsockopt(handle_, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

void RawSocket::end_writing() { shutdown(handle_, SHUT_WR); }

void RawSocket::write_frame(FrameType type, std::span<const std::byte> payload, std::uint64_t request) {
  Bytes octets;
  append_frame(octets, {type, 0, request, payload});
  write(octets);
}

Bytes RawSocket::read(std::size_t size) {
  Bytes octets(size);
  std::size_t have = 0;
  while (have < size) {
    const auto got = recv(handle_, octets.data() + have, size - have, 0);
    if (got == 0) throw std::runtime_error("the other end has closed");
    if (got < 0) throw std::system_error(errno, std::generic_category(), "recv");
    have += static_cast<std::size_t>(got);
  }
  return octets;
}

RawSocket::Read RawSocket::read_frame() {
  const Bytes header = read(frame_header_size);
  const FrameStep begun = transport::read_frame(header, std::size_t{1} << 30);
  Bytes payload = read(begun.state == FrameStep::State::partial ? begun.missing : 0);
  return {begun.frame.type, begun.frame.request, begun.frame.flags, std::move(payload)};
}

void RawSocket::read_to_end() {
  Bytes dropped(64 << 10);
  ssize_t got = 0;
  do {
    got = recv(handle_, dropped.data(), dropped.size(), 0);
  } while (got > 0);
  if (got < 0 && errno != ECONNRESET) throw std::system_error(errno, std::generic_category(), "recv");
}

void RawSocket::shake_hands(const std::string& cluster, const std::string& name) {
  const Bytes hello = encode(detail::Hello{.cluster = cluster,
                                           .role = "client",
                                           .name = name,
                                           .incarnation = 0,
                                           .instance = {},
                                           .nonce = Bytes(detail::nonce_size),
                                           .loops = 1,
                                           .from_loop = 0,
                                           .to_loop = 0,
                                           .to_name = std::nullopt});
  write(detail::preface());
  write_frame(FrameType::hello, hello);
  read(detail::preface_size);
  const Bytes challenge = read_frame().payload;
  const Bytes terms = encode(
      detail::Terms{.loop = 0, .window = 1 << 20, .max_frame = 1 << 20, .facts = {}, .protocols = {}, .features = {}});
  const auto proof = detail::prove("", detail::Side::dialer, hello, challenge, terms);
  Bytes payload(proof.begin(), proof.end());
  payload.insert(payload.end(), terms.begin(), terms.end());
  write_frame(FrameType::proof, payload);
  if (read_frame().type != FrameType::welcome) throw std::runtime_error("not welcome");
}

RawListener::RawListener() : handle_(new_socket()) {
  const sockaddr_in any = loopback(0);
  checked(bind(handle_, reinterpret_cast<const sockaddr*>(&any), sizeof any), "bind");
  checked(listen(handle_, 8), "listen");
}

RawListener::RawListener(const std::string& path)
    : handle_(checked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  path.copy(at.sun_path, sizeof at.sun_path - 1);
  checked(bind(handle_, reinterpret_cast<const sockaddr*>(&at), sizeof at), "bind");
  checked(listen(handle_, 8), "listen");
}

RawListener::~RawListener() { close(handle_); }

std::string RawListener::address() const {
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  checked(getsockname(handle_, reinterpret_cast<sockaddr*>(&bound), &size), "getsockname");
  return "127.0.0.1:" + std::to_string(ntohs(bound.sin_port));
}

RawSocket RawListener::accept() {
  const int handle = checked(::accept4(handle_, nullptr, nullptr, SOCK_CLOEXEC), "accept");
  checked(setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "setsockopt");
  return RawSocket(handle);
}

}  // namespace troupe::transport
