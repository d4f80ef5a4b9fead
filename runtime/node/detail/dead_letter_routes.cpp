#include <troupe/node/detail/dead_letter_routes.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <troupe/http/target.hpp>
#include <troupe/node/detail/admin_rules.hpp>
#include <troupe/observe/dead_letters.hpp>
#include <troupe/wire/enumerators.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::node {

namespace {

constexpr std::string_view root = "dead-letters";
constexpr std::uint32_t usual_limit = 100;
constexpr std::uint32_t largest_limit = 1000;

http::Response json(std::string body) {
  http::Response response;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

http::Response not_allowed(std::string_view allowed) {
  auto response = admin_refusal("method_not_allowed", "this path takes " + std::string(allowed));
  response.headers.add("Allow", allowed);
  return response;
}

http::Response refusal_of(const Failure& failure) {
  if (failure.rejected()) return admin_refusal(failure.code, failure.detail);
  if (failure.unknown()) return admin_refusal("timeout", "it may have been done: " + failure.detail);
  return admin_refusal(failure.code == failure_code::overloaded ? "overloaded" : "unavailable", failure.detail);
}

bool reads(const http::Request& request) {
  return request.method == http::Method::get || request.method == http::Method::head;
}

/// What a listing's query asks for, or what is wrong with it.
struct ListQuery {
  std::uint32_t limit = usual_limit;
  std::optional<DeadLetterId> after;
  std::string fault;
};

ListQuery parse(const http::Request& request) {
  ListQuery wanted;
  const auto query = http::parse_query(request.query());
  if (!query.faults.empty()) wanted.fault = query.faults.front().pointer + ": " + query.faults.front().detail;
  for (const auto& [name, value] : query.parameters) {
    if (name == "limit") {
      const auto limit = wire::from_text<std::uint32_t>(value);
      wanted.limit = limit ? *limit : 0;
      if (wanted.limit == 0 || wanted.limit > largest_limit) wanted.fault = "?limit: it is 1 to 1000";
    } else if (name == "after") {
      wanted.after = parse_dead_letter_id(value);
      if (!wanted.after) wanted.fault = "?after: it is the id of a dead letter";
    } else {
      wanted.fault = '?' + name + ": there is no such parameter; there are limit and after";
    }
  }
  return wanted;
}

std::string named(std::string_view protocol, const Key& key) { return std::string(protocol) + '/' + key.to_string(); }

observe::DeadLetterSummary summary_of(const DeadLetterId& id, const DeadLetter& letter) {
  const OutboxRow& send = letter.send;
  return {to_text(id),
          named(id.protocol, letter.sender),
          named(send.protocol, send.target),
          send.message,
          send.at,
          letter.died_at,
          letter.attempts,
          letter.reason};
}

observe::DeadLetterPrincipal principal_of(const Principal& principal) {
  observe::DeadLetterPrincipal told{std::string(wire::enum_name(principal.kind)), {}, {}};
  if (principal.kind == Principal::Kind::user) told.user = principal.user;
  if (principal.kind != Principal::Kind::anonymous) told.role = principal.role;
  return told;
}

}  // namespace

DeadLetterRoutes::DeadLetterRoutes(engine::Engine& engine, std::string node, std::string topology)
    : engine_(engine), letters_(engine), node_(std::move(node)), topology_(std::move(topology)) {}

bool DeadLetterRoutes::has(const http::Request& request) {
  const auto segments = http::split_path(request.path());
  return !segments.empty() && segments[0] == root;
}

void DeadLetterRoutes::handle(const http::Request& request, http::Respond respond) {
  const auto segments = http::split_path(request.path());
  if (segments.size() == 1) return list(request, std::move(respond));
  const auto id = segments.size() > 2 ? parse_dead_letter_id(std::string(segments[1]) + '/' + std::string(segments[2]))
                                      : std::nullopt;
  const std::string_view verb = segments.size() == 4 ? segments[3] : std::string_view();
  const bool command = verb == "retry" || verb == "drop";
  if (!id || !(segments.size() == 3 || command)) {
    return respond(admin_refusal("not_found",
                                 "a dead letter is /dead-letters/PROTOCOL/OPERATION, and may be followed by "
                                 "/retry or /drop"));
  }
  loop::Loop& loop = engine_.loop(0);
  if (!command) {
    if (!reads(request)) return respond(not_allowed("GET, HEAD"));
    return letters_.find(loop, *id, answer_with(*id, std::move(respond)));
  }
  if (request.method != http::Method::post) return respond(not_allowed("POST"));
  if (const auto refused = refused_content(request)) return respond(admin_response(*refused));
  auto then = answer_with(*id, std::move(respond));
  verb == "retry" ? letters_.retry(loop, *id, std::move(then)) : letters_.drop(loop, *id, std::move(then));
}

void DeadLetterRoutes::list(const http::Request& request, http::Respond respond) {
  if (!reads(request)) return respond(not_allowed("GET, HEAD"));
  auto wanted = parse(request);
  if (!wanted.fault.empty()) return respond(admin_refusal("invalid", std::move(wanted.fault)));
  const auto held = std::make_shared<http::Respond>(std::move(respond));
  letters_.list(engine_.loop(0), std::move(wanted.after), wanted.limit,
                [this, held](Outcome<engine::DeadLetterPage> page) {
                  (*held)(page ? json(page_json(*page)) : refusal_of(page.failure()));
                });
}

engine::DeadLetters::Then<DeadLetter> DeadLetterRoutes::answer_with(DeadLetterId id, http::Respond respond) const {
  const auto held = std::make_shared<http::Respond>(std::move(respond));
  return [this, id = std::move(id), held](Outcome<DeadLetter> letter) {
    (*held)(letter ? json(letter_json(id, *letter)) : refusal_of(letter.failure()));
  };
}

std::string DeadLetterRoutes::page_json(const engine::DeadLetterPage& page) const {
  observe::DeadLetterList list{node_, topology_, {}, {}};
  for (const auto& [protocol, letter] : page.letters) {
    list.dead_letters.push_back(summary_of({protocol, letter.send.operation}, letter));
  }
  if (page.next) list.next = to_text(*page.next);
  return wire::to_json(list);
}

std::string DeadLetterRoutes::letter_json(const DeadLetterId& id, const DeadLetter& letter) const {
  const observe::DeadLetterDetail detail{node_,
                                         topology_,
                                         summary_of(id, letter),
                                         letter.send.sequence,
                                         principal_of(letter.send.principal),
                                         letter.send.trace};
  std::string text = wire::to_json(detail);
  text.pop_back();
  // The message is JSON at rest.
  return text + ",\"body\":" + letter.send.body + '}';
}

}  // namespace troupe::node
