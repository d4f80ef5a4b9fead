#include <troupe/topology/catalog.hpp>

#include <algorithm>

namespace troupe::topology {

const Domain* Catalog::find_domain(std::string_view name) const {
  const auto found = std::ranges::find(domains, name, &Domain::name);
  return found == domains.end() ? nullptr : &*found;
}

const Domain* Catalog::domain_of(std::string_view protocol) const {
  const auto found = std::ranges::find_if(domains, [&](const Domain& domain) {
    return domain.main == protocol ||
           std::ranges::find(domain.helpers, protocol, &Helper::name) != domain.helpers.end();
  });
  return found == domains.end() ? nullptr : &*found;
}

std::vector<std::string> Catalog::protocols() const {
  std::vector<std::string> names;
  for (const Domain& domain : domains) {
    names.push_back(domain.main);
    for (const Helper& helper : domain.helpers) names.push_back(helper.name);
  }
  return names;
}

}  // namespace troupe::topology
