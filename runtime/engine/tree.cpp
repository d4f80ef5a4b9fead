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

/// Makes supervisors with the flags that their paths have.
class TreeMaker {
 public:
  explicit TreeMaker(const FlagsOf& flags_of) : flags_of_(flags_of) {}

  SupervisorSpec with_flags(const std::string& path) const {
    SupervisorSpec spec;
    if (flags_of_) spec.flags = flags_of_(path).value_or(spec.flags);
    return spec;
  }

  /// The supervisor of workers, each below one of its own where it has flags.
  ChildSpec supervisor_of(std::string_view name, const std::string& domain,
                          const std::vector<TreeOutline::Worker>& workers) const {
    SupervisorSpec all = with_flags(domain + '/' + std::string(name));
    for (const auto& worker : workers) {
      const std::string path = domain + '/' + std::string(name) + '/' + worker.name;
      ChildSpec spec = leaf(worker.name, ChildType::worker, worker.start);
      spec.restart = worker.policy.restart;
      spec.shutdown = worker.policy.shutdown;
      spec.start_timeout = worker.policy.start_timeout;
      if (flags_of_ && flags_of_(path)) {
        SupervisorSpec own = with_flags(path);
        own.children.push_back(std::move(spec));
        spec = supervisor(worker.name, std::move(own));
      }
      all.children.push_back(std::move(spec));
    }
    return supervisor(std::string(name), std::move(all));
  }

 private:
  const FlagsOf& flags_of_;
};

}  // namespace

TreePart part_of(std::string_view path) {
  const auto domain = path.find('/');
  if (domain == path.npos) return TreePart::shards;
  const auto below = path.substr(domain + 1);
  return below.substr(0, below.find('/')) == workers_name ? TreePart::workers : TreePart::shards;
}

SupervisorSpec make_tree(const TreeOutline& outline, const FlagsOf& flags_of) {
  const TreeMaker maker(flags_of);
  SupervisorSpec root = maker.with_flags("");
  for (const auto& domain : outline.domains) {
    SupervisorSpec domain_spec = maker.with_flags(domain.name);
    if (!domain.lanes.empty()) {
      domain_spec.children.push_back(maker.supervisor_of(lanes_name, domain.name, domain.lanes));
    }
    for (const auto& protocol : domain.protocols) {
      SupervisorSpec shards = maker.with_flags(domain.name + '/' + protocol.name);
      for (const std::uint32_t shard : protocol.shards) {
        shards.children.push_back(
            leaf(std::to_string(shard), ChildType::shard, protocol.start ? protocol.start(shard) : std::any()));
      }
      domain_spec.children.push_back(supervisor(protocol.name, std::move(shards)));
    }
    std::vector<TreeOutline::Worker> workers = domain.workers;
    if (!domain.protocols.empty()) {
      workers.insert(workers.begin(), {std::string(relay_name), domain.relay});
    }
    if (!workers.empty()) {
      domain_spec.children.push_back(maker.supervisor_of(workers_name, domain.name, workers));
    }
    root.children.push_back(supervisor(domain.name, std::move(domain_spec)));
  }
  return root;
}

}  // namespace troupe::engine
