/// The limit for `GET /products/{id}`: bare Beast that answers one product of a given size from memory.
#include <CLI/CLI.hpp>
#include <boost/beast/http/verb.hpp>
#include <thread>

#include "tests/bench/beast_server.hpp"

namespace http = boost::beast::http;
using namespace troupe::bench;

int main(int argc, char** argv) {
  std::size_t body_bytes = 300;
  std::size_t loops = std::thread::hardware_concurrency();
  CLI::App options("Serves GET /products/1 on bare Beast.");
  options.add_option("--body-bytes", body_bytes, "size of the product's JSON");
  options.add_option("--loops", loops, "threads, each with its own loop (default: cores)")->check(CLI::PositiveNumber);
  CLI11_PARSE(options, argc, argv);

  std::string product = R"({"id":"1","name":"Teapot","price":{"amount":1999,"currency":"USD"},"description":")";
  const std::string end = R"("})";
  if (product.size() + end.size() < body_bytes) product.append(body_bytes - product.size() - end.size(), 'x');
  product += end;

  serve(loops, [&product](const Request& request) {
    if (request.method() != http::verb::get || request.target() != "/products/1")
      return json_response(request, http::status::not_found, "{}");
    return json_response(request, http::status::ok, product);
  });
}
