#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/gateway/route.hpp>
#include <troupe/http/target.hpp>
#include <troupe/wire/json.hpp>
#include <troupe/wire/schema.hpp>

// How a message is read from a request: each field from where the route says.
namespace troupe::gateway::detail {

/// Where each field of M comes from, in order of declaration.
template <class M>
using Sources = std::array<Source, wire::field_count<M>>;

template <class T>
concept QueryValue = wire::is_scalar(wire::shape_of<wire::Unwrapped<T>>);

/// Whether an absent parameter keeps what the message's declaration gives the field: `std::uint32_t limit = 50;`.
template <class T>
bool has_default([[maybe_unused]] const T& declared) {
  if constexpr (wire::shape_of<T> == wire::Shape::optional) {
    return true;
  } else if constexpr (QueryValue<T> && std::equality_comparable<T>) {
    return !(declared == T{});
  } else {
    return false;
  }
}

template <class T>
void read_parameter(const http::Query& query, std::string_view name, T& field, std::vector<Fault>& faults) {
  if constexpr (QueryValue<T>) {
    for (const http::QueryParameter& parameter : query.parameters) {
      if (parameter.name != name) continue;
      auto value = wire::from_text<wire::Unwrapped<T>>(parameter.value);
      if (value) {
        field = *std::move(value);
        return;
      }
      for (const Fault& fault : value.faults()) faults.push_back({std::string("/").append(name), fault.detail});
      return;
    }
    if (!has_default(field)) faults.push_back({std::string("/").append(name), "is required"});
  }
}

/// Adds a fault for each parameter that is none of the message's, and for what is wrong with the query itself.
void refuse_unknown(const http::Query& query, const std::string_view* names, const Source* sources, std::size_t size,
                    std::vector<Fault>& faults);

/// Rewrites pointers of fields that came from the query: `/limit` becomes `?limit`.
void point_into_query(std::vector<Fault>& faults, const std::string_view* names, const Source* sources,
                      std::size_t size);
void point_into_query(std::vector<Fault>& faults, const std::vector<RouteField>& fields);

/// Stands for the name of a field that a document must not give: no document holds this text, for it is not UTF-8.
inline constexpr std::string_view unreadable_name = "\xff";

template <class M>
void read_body(const Incoming& request, const Sources<M>& sources, M& message, std::vector<Fault>& faults) {
  const auto document = wire::detail::parse_json(request.body, request.json, faults);
  if (!document) return;
  wire::detail::Reader reader({wire::detail::Format::json, wire::Unknown::refuse, wire::Missing::refuse}, faults);
  std::array<std::string_view, wire::field_count<M>> names = wire::field_names<M>;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (sources[i] != Source::body) names[i] = unreadable_name;
  }
  std::array<const wire::detail::Node*, wire::field_count<M>> nodes{};
  const wire::Path root;
  if (!reader.match_fields(document->nodes.root(), root, names, nodes)) return;
  wire::with_fields(message, [&](auto&... fields) {
    [[maybe_unused]] std::size_t i = 0;
    ((sources[i] == Source::body
          ? wire::detail::read_field(reader, nodes[i], fields, wire::Path(root, wire::field_names<M>[i]))
          : void(),
      ++i),
     ...);
  });
}

/// Reads body and query into `message`; all faults at once, rules included.
template <class M>
void read_message(const Incoming& request, const Sources<M>& sources, M& message, std::vector<Fault>& faults) {
  const auto* names = wire::field_names<M>.data();
  bool any_from_body = false;
  for (const Source source : sources) any_from_body |= source == Source::body;
  if (any_from_body || !request.body.empty()) read_body<M>(request, sources, message, faults);
  http::Query query;
  if (!request.query.empty()) query = http::parse_query(request.query);
  [[maybe_unused]] std::size_t i = 0;
  wire::for_each_field(message, [&](std::string_view name, auto& field) {
    if (sources[i++] == Source::query) read_parameter(query, name, field, faults);
  });
  const std::size_t misread = faults.size();
  wire::validate(message, faults);
  if (misread > 0) wire::drop_consequences(faults, misread);
  point_into_query(faults, names, sources.data(), sources.size());
  refuse_unknown(query, names, sources.data(), sources.size(), faults);
}

template <class M>
std::vector<RouteField> describe_fields(const Sources<M>& sources) {
  std::vector<RouteField> described;
  const M specimen{};
  const auto& schema = wire::schema_of<M>();
  wire::for_each_field(specimen, [&](std::string_view, const auto& field) {
    const std::size_t i = described.size();
    RouteField one{.field = schema.fields[i], .source = sources[i], .default_value = {}};
    one.required = wire::shape_of<std::remove_cvref_t<decltype(field)>> != wire::Shape::optional;
    if (sources[i] == Source::query) {
      one.required = !has_default(field);
      if constexpr (QueryValue<std::remove_cvref_t<decltype(field)>>) {
        if (!one.required && wire::to_json(field) != "null") one.default_value = wire::to_json(field);
      }
    }
    described.push_back(std::move(one));
  });
  return described;
}

}  // namespace troupe::gateway::detail
