#include <troupe/testing/transcript.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace troupe::testing {

namespace {

constexpr std::array<std::string_view, 7> contract_headers = {
    "Content-Type", "Location", "Allow", "WWW-Authenticate", "Retry-After", "Idempotency-Replayed", "X-Request-Id"};

std::string indented(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    result.append("    ").append(text.substr(at, end - at)).append(1, '\n');
    at = end + 1;
  }
  return result;
}

std::string text_of(const Step& step) {
  return "  asked\n" + indented(step.requests) + "  answered\n" + indented(step.answers);
}

std::vector<std::string> missing_in(const DurableState& from, const DurableState& in) {
  std::vector<std::string> missing;
  std::ranges::set_difference(from, in, std::back_inserter(missing));
  return missing;
}

}  // namespace

std::string describe(const HttpRequest& request, Names& names) {
  std::string text = request.method + ' ' + names.normalise(request.target) + '\n';
  for (const auto& [name, value] : request.headers) {
    const bool is_tag = name.starts_with("If-");
    text += name + ": " + (is_tag ? names.name("etag", value) : names.normalise(value)) + '\n';
  }
  return text + names.normalise(request.body);
}

std::string describe(const HttpAnswer& answer, Names& names, Names::Unknown unknown) {
  std::string text = std::to_string(answer.status) + '\n';
  for (const auto header : contract_headers) {
    const auto value = answer.headers.find(header);
    if (!value) continue;
    text.append(header).append(": ");
    text += header == "X-Request-Id" ? "<request>" : names.normalise(*value, unknown);
    text += '\n';
  }
  if (const auto tag = answer.headers.find("ETag")) {
    const bool blurred = unknown == Names::Unknown::blur;
    text += "ETag: " + (blurred ? std::string("<etag>") : names.name("etag", std::string(*tag))) + '\n';
  }
  return text + names.normalise(answer.body, unknown);
}

std::optional<std::string> difference(const Transcript& expected, const Transcript& got) {
  const auto [one, other] = std::ranges::mismatch(expected, got);
  if (one == expected.end() && other == got.end()) return std::nullopt;
  const std::size_t number = static_cast<std::size_t>(one - expected.begin()) + 1;
  const std::string& scenario = one != expected.end() ? one->scenario : other->scenario;
  return "scenario '" + scenario + "', step " + std::to_string(number) + "\n expected\n" +
         (one == expected.end() ? "  nothing more\n" : text_of(*one)) + " got\n" +
         (other == got.end() ? "  nothing more\n" : text_of(*other));
}

std::optional<std::string> difference(const DurableState& expected, const DurableState& got) {
  const auto lacks = missing_in(expected, got);
  const auto has = missing_in(got, expected);
  if (lacks.empty() && has.empty()) return std::nullopt;
  std::string text = "the final state\n";
  for (const auto& line : lacks) text += "  lacks " + line + '\n';
  for (const auto& line : has) text += "  has   " + line + '\n';
  return text;
}

}  // namespace troupe::testing
