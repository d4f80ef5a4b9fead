// What the gateway reads out of a request line and header fields: targets, cursors, tokens, trace contexts.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <troupe/contract/page.hpp>
#include <troupe/gateway/token.hpp>
#include <troupe/gateway/trace.hpp>
#include <troupe/http/http.hpp>
#include <troupe/http/target.hpp>
#include <troupe/wire/utf8.hpp>

namespace {

using namespace troupe::gateway;
namespace http = troupe::http;

void check(bool holds) {
  if (!holds) std::abort();
}

void read_target(std::string_view text) {
  http::Request request;
  request.target = text;
  for (const std::string_view segment : http::split_path(request.path())) {
    const auto decoded = http::percent_decode(segment);
    check(!decoded || (troupe::wire::is_utf8(*decoded) && decoded->size() <= segment.size()));
  }
  const http::Query query = http::parse_query(request.query());
  for (const http::QueryParameter& parameter : query.parameters) {
    check(troupe::wire::is_utf8(parameter.name) && troupe::wire::is_utf8(parameter.value));
  }
}

void read_cursor(std::string_view text) {
  using Text = troupe::wire::TextCodec<troupe::Cursor>;
  const auto cursor = Text::from_text(text);
  check(!cursor || Text::to_text(*cursor) == text);
}

void read_token(std::string_view text) {
  static const TokenSigner signer{TokenKey{}};
  const auto now = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));
  const auto outcome = signer.verify(text, now);
  // The key is known to whoever reads this, but no search finds a signature by chance.
  check(std::holds_alternative<TokenFault>(outcome) || std::get<TokenClaims>(outcome).expires_at > now);
}

void read_trace(std::string_view text) {
  const auto context = parse_traceparent(text);
  check(!context || parse_traceparent(to_traceparent(*context)) == context);
  check(is_request_id(request_id(text, {})));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_target(text);
  read_cursor(text);
  read_token(text);
  read_trace(text);
  return 0;
}
