#include "tests/http_client/message.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/json/parse.hpp>
#include <cctype>
#include <cstring>
#include <stdexcept>

namespace troupe::http_client {
namespace {

const std::string* find(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (boost::beast::iequals(header.name, name)) return &header.value;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> Answer::header(std::string_view name) const {
  const auto* value = find(headers, name);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

boost::json::value Answer::json() const {
  boost::system::error_code error;
  auto value = boost::json::parse(body, error);
  if (error) throw std::runtime_error("not JSON: " + describe(*this));
  return value;
}

std::string describe(const Answer& answer) {
  auto text = std::to_string(answer.status) + '\n';
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + '\n';
  constexpr std::size_t enough = 2000;
  return text + '\n' + answer.body.substr(0, enough) + '\n';
}

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const unsigned char byte : text) {
    if (std::isalnum(byte) != 0 || std::strchr("-._~", byte) != nullptr) {
      result += static_cast<char>(byte);
    } else {
      result.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return result;
}

std::string bytes_of(const Request& request) {
  auto text = request.method + ' ' + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  if (find(request.headers, "Host") == nullptr) text += "Host: localhost\r\n";
  const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  const bool chunked = find(request.headers, "Transfer-Encoding") != nullptr;
  if (has_body && !chunked && find(request.headers, "Content-Length") == nullptr) {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n" + request.body;
}

}  // namespace troupe::http_client
