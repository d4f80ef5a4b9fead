// What a router does, and tells, when something happens on a link.

#include <memory>
#include <string>

#include <troupe/cluster/router.hpp>

namespace troupe::cluster {

using transport::Frame;
using transport::Link;

namespace {

std::string told(const transport::Refusal& refusal, transport::RefusedBy by) {
  const std::string who = by == transport::RefusedBy::us ? "refused by us: " : "refused by the peer: ";
  return who + to_text(refusal.reason) + ": " + refusal.detail;
}

}  // namespace

void Router::learn(Link& link, const Frame& frame) {
  LinkSession& session = LinkSession::of(link);
  const auto* refused = session.learn(link, frame.payload);
  if (!refused || is_client(link)) return;
  reporter_.protocol_refused(link.peer().identity.name, refused->host->name(),
                             session.negotiation(refused->number).refusal);
}

void Router::on_up(Link& link) {
  link.attach(std::make_unique<LinkSession>(protocols_, link));
  if (!is_client(link)) reporter_.link_up(link.peer().identity.name);
}

void Router::on_down(Link& link, const std::string& why) {
  server_.cancel_all(link);
  if (!is_client(link)) reporter_.link_down(link.peer().identity.name, why);
}

void Router::on_silent(Link& link) {
  if (!is_client(link)) reporter_.link_silent(link.peer().identity.name);
}

void Router::on_refused(const std::string& peer, const transport::Refusal& refusal, transport::RefusedBy by) {
  reporter_.link_refused(peer, told(refusal, by));
}

void Router::on_caller_refused(const std::string& claimed, const transport::Refusal& refusal, transport::RefusedBy by) {
  reporter_.caller_refused(claimed, told(refusal, by));
}

void Router::on_unreachable(const std::string& peer, const std::string& why) { reporter_.link_refused(peer, why); }

}  // namespace troupe::cluster
