#include "tests/bench/http_call.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "tests/bench/http_response.hpp"

namespace troupe::bench {

std::string format_request(std::string_view method, std::string_view target, std::string_view token,
                           std::string_view body) {
  std::string request;
  request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (!token.empty()) request.append("Authorization: Bearer ").append(token).append("\r\n");
  if (!body.empty()) {
    request.append("Content-Type: application/json\r\nContent-Length: ");
    request.append(std::to_string(body.size())).append("\r\n");
  }
  return request.append("\r\n").append(body);
}

HttpAnswer http_call(std::uint16_t port, std::string_view request) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string received;
  std::array<char, 16 * 1024> chunk{};
  while (true) {
    received.append(chunk.data(), socket.read_some(boost::asio::buffer(chunk)));
    const ResponseFrame frame = read_response(received);
    if (frame.framing == Framing::malformed) throw std::runtime_error("not an HTTP answer: " + received.substr(0, 200));
    if (frame.framing == Framing::complete) {
      return {frame.status, received.substr(received.find("\r\n\r\n") + 4)};
    }
  }
}

}  // namespace troupe::bench
