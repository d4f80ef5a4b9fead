#include <troupe/gateway/openapi.hpp>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <set>

#include <troupe/gateway/detail/json_schemas.hpp>
#include <troupe/gateway/failure_problem.hpp>
#include <troupe/http/target.hpp>

namespace troupe::gateway {
namespace {

namespace json = boost::json;
using detail::JsonSchemas;

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

json::array list_of(json::value one) {
  json::array list;
  list.emplace_back(std::move(one));
  return list;
}

json::object string_schema() { return {{"type", "string"}}; }

json::object reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + '/' + std::string(name)}};
}

json::object content(std::string_view media_type, json::object schema) {
  return {{media_type, json::object{{"schema", std::move(schema)}}}};
}

json::object header_parameter(std::string_view name, std::string_view description) {
  return {
      {"name", name}, {"in", "header"}, {"description", description}, {"required", false}, {"schema", string_schema()}};
}

json::object header(std::string_view type, std::string_view description) {
  return {{"description", description}, {"schema", json::object{{"type", type}}}};
}

json::object path_parameter(std::string_view name) {
  return {{"name", name},
          {"in", "path"},
          {"required", true},
          {"description", "An opaque id; one that names nothing is 404"},
          {"schema", string_schema()}};
}

/// Makes one document.
class Description {
 public:
  explicit Description(const RouteTable& routes) : routes_(routes) {}

  json::object document(std::string_view title, std::string_view version) {
    json::object info{{"title", title},
                      {"version", version},
                      {"description", "JSON both ways; errors are RFC 9457 problem documents."}};
    json::object document{{"openapi", "3.1.0"}};
    document["info"] = std::move(info);
    document["servers"] = list_of(json::object{{"url", "/"}});
    document["tags"] = tags();
    document["paths"] = paths();
    document["components"] = components();
    return document;
  }

 private:
  json::array tags() const {
    std::set<std::string> domains;
    for (const auto& route : routes_.all()) domains.insert(route->domain);
    json::array tags;
    for (const auto& domain : domains) {
      tags.emplace_back(json::object{{"name", domain}, {"description", "Calls of the domain " + domain}});
    }
    return tags;
  }

  json::object paths() {
    std::map<std::string, std::vector<const Route*>> by_pattern;
    for (const auto& route : routes_.all()) by_pattern[route->pattern].push_back(route.get());
    json::object paths;
    for (const auto& [pattern, routes] : by_pattern) {
      json::object operations;
      for (const Route* route : routes) operations[lower(to_string(route->method))] = operation(*route);
      paths[pattern] = std::move(operations);
    }
    return paths;
  }

  json::object operation(const Route& route) {
    const auto fields = route.action->fields();
    json::object security;
    if (route.access.kind != Access::Kind::anyone) security["bearer"] = json::array();
    json::object operation{{"operationId", operation_id(route)},
                           {"summary", route.summary.empty() ? route.id : route.summary},
                           {"description", access_of(route)}};
    operation["tags"] = list_of(json::value(route.domain));
    operation["security"] = list_of(std::move(security));
    operation["parameters"] = parameters(route, fields);
    if (route.takes_body()) operation["requestBody"] = request_body(route, fields);
    operation["responses"] = responses(route, fields);
    return operation;
  }

  std::string operation_id(const Route& route) {
    std::string id = route.domain + "_" + route.name;
    while (!operation_ids_.insert(id).second) id += "_2";
    return id;
  }

  static std::string access_of(const Route& route) {
    switch (route.access.kind) {
      case Access::Kind::anyone:
        return "For anyone.";
      case Access::Kind::signed_in:
        return "For every signed-in user.";
      case Access::Kind::role:
        return "For the role `" + route.access.role + "`.";
      case Access::Kind::self_or:
        if (route.access.role.empty()) return "For the user of this id.";
        return "For the user of this id, and for the role `" + route.access.role + "`.";
    }
    return {};
  }

  json::array parameters(const Route& route, const std::vector<RouteField>& fields) {
    json::array parameters;
    for (const std::string_view segment : http::split_path(route.pattern)) {
      if (segment.starts_with('{')) parameters.emplace_back(path_parameter(segment.substr(1, segment.size() - 2)));
    }
    for (const RouteField& field : fields) {
      if (field.source == Source::query) parameters.emplace_back(query_parameter(field));
    }
    const auto refer = [&](std::string_view name) { parameters.emplace_back(reference("parameters", name)); };
    if (route.reads_if_match) refer("If-Match");
    if (route.etag == Route::Tag::strong) refer("If-None-Match");
    if (route.idempotency_key == Route::IdempotencyKey::honoured) refer("Idempotency-Key");
    return parameters;
  }

  json::object query_parameter(const RouteField& field) {
    const wire::Schema& schema = field.field.schema();
    const bool optional = schema.shape == wire::Shape::optional;
    json::object parameter{{"name", field.field.name},
                           {"in", "query"},
                           {"description", field.required ? "Required" : "May be left out"},
                           {"required", field.required}};
    parameter["schema"] = schemas_.of(optional ? schema.element() : schema, field.field.rules, JsonSchemas::Use::input,
                                      field.default_value);
    return parameter;
  }

  json::object request_body(const Route& route, const std::vector<RouteField>& fields) {
    std::vector<wire::SchemaField> body;
    bool required = false;
    for (const RouteField& field : fields) {
      if (field.source != Source::body) continue;
      body.push_back(field.field);
      required |= field.required;
    }
    const bool whole = body.size() == fields.size();
    json::object schema = whole ? schemas_.of(route.action->message(), nullptr, JsonSchemas::Use::input)
                                : schemas_.of_fields(body, JsonSchemas::Use::input);
    return {{"description", "The fields of this call"},
            {"required", required},
            {"content", content("application/json", std::move(schema))}};
  }

  json::object responses(const Route& route, const std::vector<RouteField>& fields) {
    json::object responses;
    responses[std::to_string(route.status)] = success(route);
    if (route.etag == Route::Tag::strong) {
      responses["304"] =
          json::object{{"description", "As the client knows it"}, {"headers", headers({"X-Request-Id", "ETag"})}};
    }
    std::map<std::uint16_t, std::set<std::string>> problems;
    for (const std::string& code : codes_of(route, fields))
      problems[routes_.problems().find(code)->status].insert(code);
    for (const auto& [status, codes] : problems) responses[std::to_string(status)] = problem(route, status, codes);
    return responses;
  }

  static std::set<std::string> codes_of(const Route& route, const std::vector<RouteField>& fields) {
    std::set<std::string> codes{"invalid",  "unauthenticated", "request_timeout", "too_large", "header_too_large",
                                "internal", "unavailable",     "overloaded",      "timeout"};
    codes.insert(route.rejections.begin(), route.rejections.end());
    const bool narrowed = route.access.kind == Access::Kind::signed_in;
    if (route.access.kind == Access::Kind::role || route.access.kind == Access::Kind::self_or || narrowed) {
      codes.insert("forbidden");
    }
    if (route.pattern.find('{') != std::string::npos) codes.insert("not_found");
    if (route.reads_if_match) codes.insert("precondition_failed");
    if (route.takes_body() && !fields.empty()) codes.insert("unsupported_media");
    if (route.idempotency_key == Route::IdempotencyKey::honoured) codes.insert("idempotency_conflict");
    return codes;
  }

  static json::object headers(const std::vector<std::string_view>& names) {
    json::object headers;
    for (const std::string_view name : names) headers[name] = reference("headers", name);
    return headers;
  }

  json::object success(const Route& route) {
    std::vector<std::string_view> names{"X-Request-Id"};
    if (route.etag == Route::Tag::strong) names.push_back("ETag");
    if (route.creates) names.push_back("Location");
    if (route.idempotency_key == Route::IdempotencyKey::honoured) names.push_back("Idempotency-Replayed");
    json::object success{{"description", route.status == 201   ? "Created"
                                         : route.status == 204 ? "Done"
                                                               : "The answer"},
                         {"headers", headers(names)}};
    if (route.status != 204) {
      success["content"] =
          content("application/json", schemas_.of(route.action->reply(), nullptr, JsonSchemas::Use::answer));
    }
    return success;
  }

  json::object problem(const Route& route, std::uint16_t status, const std::set<std::string>& codes) {
    std::string description;
    for (const std::string& code : codes) {
      if (!description.empty()) description += "; ";
      description += "`" + code + "`: " + routes_.problems().find(code)->title;
    }
    std::vector<std::string_view> names{"X-Request-Id"};
    if (status == 401) names.push_back("WWW-Authenticate");
    if (status == 429 || status == 503) names.push_back("Retry-After");
    if (route.idempotency_key == Route::IdempotencyKey::honoured && is_final(status)) {
      names.push_back("Idempotency-Replayed");
    }
    const auto& document = status == 400 ? wire::schema_of<InvalidDocument>() : wire::schema_of<ProblemDocument>();
    return {{"description", description},
            {"headers", headers(names)},
            {"content", content("application/problem+json", schemas_.of(document, nullptr, JsonSchemas::Use::answer))}};
  }

  /// Only what something refers to: the rest would be reported as unused.
  json::object components() {
    const auto any = [&](auto holds) {
      return std::any_of(routes_.all().begin(), routes_.all().end(), [&](const auto& route) { return holds(*route); });
    };
    const bool if_match = any([](const Route& r) { return r.reads_if_match; });
    const bool etag = any([](const Route& r) { return r.etag == Route::Tag::strong; });
    const bool keys = any([](const Route& r) { return r.idempotency_key == Route::IdempotencyKey::honoured; });
    const bool creates = any([](const Route& r) { return r.creates; });

    json::object parameters;
    const auto parameter = [&](std::string_view name, std::string_view description) {
      parameters[name] = header_parameter(name, description);
    };
    if (if_match) parameter("If-Match", "Entity tags, or *: the call is done only if one is the present's");
    if (etag) parameter("If-None-Match", "Entity tags that the client knows, or *: answered 304");
    if (keys) {
      parameter("Idempotency-Key",
                "1 to 255 visible characters: the same request under the same key is done once, and "
                "answered again for 24 hours");
    }
    json::object headers{{"X-Request-Id", header("string", "The client's, or one of the server's")},
                         {"WWW-Authenticate", header("string", "Bearer")},
                         {"Retry-After", header("integer", "Seconds to wait, at least 1")}};
    if (etag) headers["ETag"] = header("string", "A strong tag over the whole answer");
    if (creates) headers["Location"] = header("string", "Where the created is");
    if (keys) {
      headers["Idempotency-Replayed"] = header("string", "`true`: this was answered before under the same key");
    }
    json::object bearer{{"type", "http"},
                        {"scheme", "bearer"},
                        {"bearerFormat", "JWT"},
                        {"description", "The token that signing in answers"}};
    return {{"securitySchemes", json::object{{"bearer", std::move(bearer)}}},
            {"parameters", std::move(parameters)},
            {"headers", std::move(headers)},
            {"schemas", schemas_.components()}};
  }

  const RouteTable& routes_;
  JsonSchemas schemas_;
  std::set<std::string> operation_ids_;
};

}  // namespace

std::string openapi_document(const RouteTable& routes, std::string_view title, std::string_view version) {
  return json::serialize(Description(routes).document(title, version));
}

}  // namespace troupe::gateway
