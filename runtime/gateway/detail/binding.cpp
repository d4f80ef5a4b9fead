#include <troupe/gateway/detail/binding.hpp>

#include <iterator>

namespace troupe::gateway::detail {

void refuse_unknown(const http::Query& query, const std::string_view* names, const Source* sources, std::size_t size,
                    std::vector<Fault>& faults) {
  faults.insert(faults.end(), query.faults.begin(), query.faults.end());
  for (const http::QueryParameter& parameter : query.parameters) {
    bool known = false;
    for (std::size_t i = 0; i < size; ++i) known |= sources[i] == Source::query && names[i] == parameter.name;
    if (!known) faults.push_back({"?" + parameter.name, "is not a parameter of this call"});
  }
}

void point_into_query(std::vector<Fault>& faults, const std::string_view* names, const Source* sources,
                      std::size_t size) {
  for (Fault& fault : faults) {
    for (std::size_t i = 0; i < size; ++i) {
      if (sources[i] != Source::query || !fault.pointer.starts_with('/')) continue;
      const std::string_view rest = std::string_view(fault.pointer).substr(1);
      if (rest.starts_with(names[i]) && (rest.size() == names[i].size() || rest[names[i].size()] == '/')) {
        fault.pointer.front() = '?';
      }
    }
  }
}

}  // namespace troupe::gateway::detail
