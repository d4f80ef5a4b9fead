#include <troupe/transport/links.hpp>

#include <stdexcept>

#include <troupe/transport/detail/core.hpp>

namespace troupe::transport {
namespace {

void require_name(const std::string& name, const char* what) {
  if (name.empty() || name.size() > detail::max_name) {
    throw std::invalid_argument(std::string(what) + " has from 1 to " + std::to_string(detail::max_name) + " octets");
  }
}

}  // namespace

Links::Links(std::vector<engine::Loop*> loops, Network& network, Self self, Receiver& receiver, const Limits& limits) {
  require_name(self.identity.name, "the name of a node");
  require_name(self.cluster, "the name of a cluster");
  core_ = std::make_shared<detail::Core>(std::move(loops), network, std::move(self), receiver, limits);
}

Links::~Links() = default;

void Links::listen(std::string_view address) {
  const auto parsed = parse_link_address(address);
  if (!parsed) {
    throw ListenError("cannot listen for links on " + std::string(address) + ": want host:port or unix:PATH");
  }
  core_->listen(*parsed);
}

std::string Links::address() const { return core_->address; }

Peer& Links::add_peer(const std::string& name, std::string_view address) {
  const auto parsed = parse_link_address(address);
  if (!parsed) throw std::invalid_argument(std::string(address) + " is no address of links");
  return core_->add_peer(name, *parsed);
}

Peer* Links::find_peer(std::string_view name) const {
  for (const auto& peer : core_->peers) {
    if (peer->name() == name) return peer.get();
  }
  return nullptr;
}

void Links::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  core_->loops.front()->call(
      [core = core_, limit, done = std::move(done)]() mutable { core->drain(limit, std::move(done)); });
}

void Links::close(const std::string& why) {
  core_->loops.front()->call([core = core_, why] { core->close(why); });
}

void Links::each_link(engine::Loop& here, const std::function<void(Link&)>& visit) {
  for (const auto& links : core_->links) {
    if (&links->loop() == &here) links->each(visit);
  }
}

}  // namespace troupe::transport
