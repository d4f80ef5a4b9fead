#include <troupe/engine/tree.hpp>

#include <memory>
#include <utility>

namespace troupe::engine {

using supervision::ChildSpec;
using supervision::ChildType;
using supervision::SupervisorSpec;

namespace {

ChildSpec leaf(std::string id, ChildType type, std::any start = {}) {
  ChildSpec spec;
  spec.id = std::move(id);
  spec.start = std::move(start);
  spec.type = type;
  return spec;
}

ChildSpec supervisor(std::string id, SupervisorSpec below) {
  ChildSpec spec = leaf(std::move(id), ChildType::supervisor);
  spec.children = std::make_shared<const SupervisorSpec>(std::move(below));
  return spec;
}

/// What the workers of a domain stand below.
constexpr std::string_view workers_name = "workers";

}  // namespace

TreePart part_of(std::string_view path) {
  const auto domain = path.find('/');
  if (domain == path.npos) return TreePart::shards;
  const auto below = path.substr(domain + 1);
  return below.substr(0, below.find('/')) == workers_name ? TreePart::workers : TreePart::shards;
}

SupervisorSpec make_tree(const TreeOutline& outline, const FlagsOf& flags_of) {
  const auto with_flags = [&flags_of](const std::string& path) {
    SupervisorSpec spec;
    if (flags_of) spec.flags = flags_of(path).value_or(spec.flags);
    return spec;
  };
  SupervisorSpec root = with_flags("");
  for (const auto& domain : outline.domains) {
    SupervisorSpec domain_spec = with_flags(domain.name);
    for (const auto& protocol : domain.protocols) {
      SupervisorSpec shards = with_flags(domain.name + '/' + protocol.name);
      for (const std::uint32_t shard : protocol.shards) {
        shards.children.push_back(
            leaf(std::to_string(shard), ChildType::shard, protocol.start ? protocol.start(shard) : std::any()));
      }
      domain_spec.children.push_back(supervisor(protocol.name, std::move(shards)));
    }
    std::vector<TreeOutline::Worker> all_workers = domain.workers;
    if (!domain.protocols.empty()) {
      all_workers.insert(all_workers.begin(), {std::string(relay_name), domain.relay});
    }
    if (!all_workers.empty()) {
      const std::string above = domain.name + '/' + std::string(workers_name);
      SupervisorSpec workers = with_flags(above);
      for (const auto& worker : all_workers) {
        const std::string path = above + '/' + worker.name;
        ChildSpec spec = leaf(worker.name, ChildType::worker, worker.start);
        spec.restart = worker.policy.restart;
        spec.shutdown = worker.policy.shutdown;
        spec.start_timeout = worker.policy.start_timeout;
        if (flags_of && flags_of(path)) {
          SupervisorSpec own = with_flags(path);
          own.children.push_back(std::move(spec));
          spec = supervisor(worker.name, std::move(own));
        }
        workers.children.push_back(std::move(spec));
      }
      domain_spec.children.push_back(supervisor(std::string(workers_name), std::move(workers)));
    }
    root.children.push_back(supervisor(domain.name, std::move(domain_spec)));
  }
  return root;
}

}  // namespace troupe::engine
