// One HTTP request, whole and in pieces: both must come to the same end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <troupe/http/detail/request_parser.hpp>

namespace {

using troupe::http::RequestParser;

struct Outcome {
  RequestParser::State state = RequestParser::State::partial;
  std::string text;  ///< of the request, when complete
};

Outcome parse(std::string_view bytes, std::size_t piece) {
  const troupe::http::Limits limits;
  RequestParser parser(limits);
  RequestParser::Step step;
  std::size_t parsed = 0;
  std::size_t received = 0;
  while (received < bytes.size() && step.state == RequestParser::State::partial) {
    received = std::min(bytes.size(), received + piece);
    step = parser.feed(bytes.substr(parsed, received - parsed));
    parsed += step.consumed;
    if (parsed > received) std::abort();
  }
  Outcome outcome{.state = step.state, .text = {}};
  if (step.state != RequestParser::State::complete) return outcome;
  const auto request = parser.take();
  outcome.text = request.method_name + " " + request.target + "\n";
  outcome.text.append(request.headers.lines()).append(request.body);
  outcome.text.append(parser.keep_alive() ? "+" : "-").append(std::to_string(parsed));
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = parse(bytes, bytes.size());
  const Outcome pieces = parse(bytes, std::size_t{1} + data[0] % 16);
  // A fault is told early when all is there, and only at the header's end when it comes in pieces.
  const bool later = whole.state == RequestParser::State::refused && pieces.state == RequestParser::State::partial;
  if (!later && (whole.state != pieces.state || whole.text != pieces.text)) std::abort();
  return 0;
}
