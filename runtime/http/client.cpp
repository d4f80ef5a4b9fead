#include <troupe/http/client.hpp>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <optional>
#include <utility>

#include <troupe/http/detail/socket.hpp>

namespace troupe::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;
using Kind = ClientFailure::Kind;
using Message = beast_http::request<beast_http::string_body>;
using AnswerParser = beast_http::response_parser<beast_http::string_body>;
using Resolver = boost::asio::ip::basic_resolver<tcp, Executor>;

constexpr std::uint32_t max_answer_header_bytes = 16 * 1024;
constexpr std::size_t max_read_ahead_bytes = 64 * 1024;

bool may_be_sent(std::string_view target) {
  return !target.empty() && std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string host_field(const ClientRequest& request) {
  const bool is_ipv6 = request.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + request.host + "]" : request.host) + ":" + std::to_string(request.port);
}

Message to_message(ClientRequest& request) {
  Message message;
  message.version(11);
  message.method_string(to_string(request.method));
  message.target(request.target);
  message.set(beast_http::field::host, host_field(request));
  message.set(beast_http::field::connection, "close");
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto [name, value] = request.headers[i];
    message.insert({name.data(), name.size()}, {value.data(), value.size()});
  }
  message.body() = std::move(request.body);
  message.prepare_payload();
  return message;
}

Response to_response(AnswerParser& parser) {
  auto& message = parser.get();
  Response response;
  response.status = static_cast<std::uint16_t>(message.result_int());
  for (const auto& field : message) {
    const auto name = field.name_string();
    const auto value = field.value();
    response.headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  response.body = std::move(message.body());
  return response;
}

Kind kind_of(const error_code& error, const AnswerParser& parser) {
  if (error == beast_http::error::body_limit || error == beast_http::error::header_limit) return Kind::too_large;
  if (error == beast_http::error::partial_message) return Kind::cut_short;
  const bool of_parser = error.category() == make_error_code(beast_http::error::end_of_stream).category();
  if (of_parser && error != beast_http::error::end_of_stream) return Kind::malformed;
  return parser.got_some() ? Kind::cut_short : Kind::closed;
}

/// One request on its way: look up, connect, write, read. Its operations hold it, and `finish` ends them all.
class ClientCall : public std::enable_shared_from_this<ClientCall> {
 public:
  ClientCall(boost::asio::io_context& loop, ClientRequest request, std::function<void(ClientResult)> done)
      : host_(request.host),
        port_(request.port),
        deadline_(request.deadline),
        max_body_bytes_(request.max_body_bytes),
        method_(request.method),
        message_(to_message(request)),
        done_(std::move(done)),
        resolver_(loop.get_executor()),
        socket_(loop.get_executor()),
        timer_(loop.get_executor()) {}

  void start() {
    timer_.expires_after(deadline_);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->fail(Kind::timeout, "no answer in time");
    });
    error_code not_an_address;
    const auto address = boost::asio::ip::make_address(host_, not_an_address);
    if (!not_an_address) {
      return connect(Resolver::results_type::create(tcp::endpoint(address, port_), host_, std::to_string(port_)));
    }
    resolver_.async_resolve(host_, std::to_string(port_),
                            [self = shared_from_this()](const error_code& error, Resolver::results_type found) {
                              if (error) return self->fail(Kind::unreachable, error.message());
                              self->connect(found);
                            });
  }

 private:
  void connect(const Resolver::results_type& endpoints) {
    if (!done_) return;
    boost::asio::async_connect(socket_, endpoints,
                               [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                                 if (error) return self->fail(Kind::unreachable, error.message());
                                 self->write();
                               });
  }

  void write() {
    if (!done_) return;
    // A server that refuses a request early closes before it has read all: its answer decides, not the write.
    beast_http::async_write(socket_, message_, [self = shared_from_this()](const error_code&, std::size_t) {});
    read();
  }

  void read() {
    AnswerParser& parser = parser_.emplace();
    parser.header_limit(max_answer_header_bytes);
    parser.body_limit(max_body_bytes_);
    if (method_ == Method::head) parser.skip(true);
    beast_http::async_read(socket_, buffer_, parser,
                           [self = shared_from_this()](const error_code& error, std::size_t) { self->on_read(error); });
  }

  void on_read(const error_code& error) {
    if (!done_) return;
    if (error) return fail(kind_of(error, *parser_), error.message());
    const unsigned status = parser_->get().result_int();
    // Nobody asked for another protocol (RFC 9110, 15.2.2).
    if (status < 100 || status == 101) return fail(Kind::malformed, "it answers " + std::to_string(status));
    const bool interim = status < 200;
    if (interim) return read();
    finish(to_response(*parser_));
  }

  void fail(Kind kind, std::string detail) { finish(ClientFailure{kind, std::move(detail)}); }

  void finish(ClientResult result) {
    if (!done_) return;
    const auto done = std::exchange(done_, {});
    timer_.cancel();
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
    done(std::move(result));
  }

  const std::string host_;
  const std::uint16_t port_;
  const std::chrono::milliseconds deadline_;
  const std::size_t max_body_bytes_;
  const Method method_;
  const Message message_;
  std::function<void(ClientResult)> done_;  ///< empty: finished
  Resolver resolver_;
  Socket socket_;
  Timer timer_;
  boost::beast::flat_buffer buffer_{max_answer_header_bytes + max_read_ahead_bytes};
  std::optional<AnswerParser> parser_;
};

}  // namespace

void Client::send(ClientRequest request, std::function<void(ClientResult)> done) {
  if (!may_be_sent(request.target)) {
    boost::asio::post(loop_, [done = std::move(done)] {
      done(ClientFailure{Kind::invalid, "a target is of visible ASCII characters"});
    });
    return;
  }
  std::make_shared<ClientCall>(loop_, std::move(request), std::move(done))->start();
}

std::vector<ClientResult> send_all(std::vector<ClientRequest> requests) {
  boost::asio::io_context loop;
  Client client(loop);
  std::vector<ClientResult> results(requests.size());
  std::size_t missing = requests.size();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    client.send(std::move(requests[i]), [&, i](ClientResult result) {
      results[i] = std::move(result);
      if (--missing == 0) loop.stop();  // a name that is still looked up is waited for no longer than it must
    });
  }
  loop.run();
  return results;
}

}  // namespace troupe::http
