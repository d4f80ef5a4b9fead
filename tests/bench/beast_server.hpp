#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>

namespace troupe::bench {

using Request = boost::beast::http::request<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;
using Answer = std::function<Response(const Request&)>;
/// Answers a request later, once and from any thread; the request stays where it is until then.
using Respond = std::function<void(Response)>;
using AnswerLater = std::function<void(const Request&, Respond)>;

/// A JSON answer to `request` with the header fields that any server sends.
Response json_response(const Request& request, boost::beast::http::status status, std::string body);

/// Serves HTTP/1.1 on a loopback port chosen by the system until SIGTERM, the way one writes it on bare Beast:
/// callbacks, keep-alive, one loop per thread, connections dealt out in turn. Prints `ready gateway=ADDRESS`.
///
/// It is the limit that a server with actors, limits, tracing and storage is measured against, so it has none of them.
/// Threads: `answer` is called on every loop.
void serve(std::size_t loops, const Answer& answer);
void serve_later(std::size_t loops, const AnswerLater& answer);

}  // namespace troupe::bench
