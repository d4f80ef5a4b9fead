#include <troupe/gateway/detail/binding.hpp>

#include <iterator>

namespace troupe::gateway::detail {

namespace {

void point_into_query(std::vector<Fault>& faults, std::string_view name) {
  for (Fault& fault : faults) {
    if (!fault.pointer.starts_with('/')) continue;
    const std::string_view rest = std::string_view(fault.pointer).substr(1);
    if (rest.starts_with(name) && (rest.size() == name.size() || rest[name.size()] == '/')) fault.pointer.front() = '?';
  }
}

}  // namespace

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
  for (std::size_t i = 0; i < size; ++i) {
    if (sources[i] == Source::query) point_into_query(faults, names[i]);
  }
}

void point_into_query(std::vector<Fault>& faults, const std::vector<RouteField>& fields) {
  for (const RouteField& field : fields) {
    if (field.source == Source::query) point_into_query(faults, field.field.name);
  }
}

}  // namespace troupe::gateway::detail
