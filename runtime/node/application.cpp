#include "runtime/node/application.hpp"

#include <algorithm>

namespace troupe::node {

topology::Catalog Application::catalog() const {
  topology::Catalog catalog;
  for (const auto& entry : entries_) {
    const auto made = entry.make({});
    if (!made) continue;  // Settings without a file keep their defaults, which have no faults.
    topology::Domain domain{entry.name, entry.name, {}};
    const auto& movable = made.value->movable_protocols();
    for (const auto& entity : made.value->entities()) {
      const std::string protocol(entity.protocol->name);
      if (protocol == entry.name) continue;
      const bool anywhere = std::find(movable.begin(), movable.end(), protocol) != movable.end();
      domain.helpers.push_back(
          {protocol, anywhere ? topology::HelperPlacement::anywhere : topology::HelperPlacement::beside_main});
    }
    if (entry.routes) domain.helpers.push_back({entry.key_keeper_name, topology::HelperPlacement::beside_main});
    catalog.domains.push_back(std::move(domain));
  }
  return catalog;
}

}  // namespace troupe::node
