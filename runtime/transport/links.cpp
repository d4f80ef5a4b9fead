#include <troupe/transport/links.hpp>

#include <stdexcept>

#include <troupe/transport/detail/node_links.hpp>

namespace troupe::transport {
namespace {

void require_name(const std::string& name, const char* what) {
  if (name.empty() || name.size() > detail::max_name) {
    throw std::invalid_argument(std::string(what) + " has from 1 to " + std::to_string(detail::max_name) + " octets");
  }
}

}  // namespace

Links::Links(std::vector<loop::Loop*> loops, Network& network, Self self, Receiver& receiver, const Limits& limits) {
  require_name(self.identity.name, "the name of a node");
  require_name(self.cluster, "the name of a cluster");
  node_ = std::make_shared<detail::NodeLinks>(std::move(loops), network, std::move(self), receiver, limits);
}

Links::~Links() = default;

void Links::listen(std::string_view address) {
  const auto parsed = parse_link_address(address);
  if (!parsed) {
    throw ListenError("cannot listen for links on " + std::string(address) + ": want host:port or unix:PATH");
  }
  node_->listen(*parsed);
}

std::string Links::address() const { return node_->address; }

Peer& Links::add_peer(const std::string& name, std::string_view address) {
  const auto parsed = parse_link_address(address);
  if (!parsed) throw std::invalid_argument(std::string(address) + " is no address of links");
  return node_->add_peer(name, *parsed);
}

Peer* Links::find_peer(std::string_view name) const {
  for (const auto& peer : node_->peers) {
    if (peer->name() == name) return peer.get();
  }
  return nullptr;
}

void Links::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  node_->loops.front()->call(
      [node = node_, limit, done = std::move(done)]() mutable { node->drain(limit, std::move(done)); });
}

void Links::close(const std::string& why) {
  node_->loops.front()->call([node = node_, why] { node->close(why); });
}

void Links::each_link(loop::Loop& here, const std::function<void(Link&)>& visit) {
  for (const auto& links : node_->links) {
    if (&links->loop() == &here) links->each(visit);
  }
}

}  // namespace troupe::transport
