#include <troupe/gateway/openapi.hpp>

#include <algorithm>
#include <map>
#include <set>

#include <troupe/gateway/detail/schema_writer.hpp>
#include <troupe/gateway/failure_problem.hpp>
#include <troupe/http/target.hpp>

namespace troupe::gateway {
namespace {

using detail::JsonWriter;
using detail::SchemaWriter;

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

/// Prints one document.
class Description {
 public:
  explicit Description(const RouteTable& routes) : routes_(routes) {}

  std::string write(std::string_view title, std::string_view version) {
    w_.open('{').text("openapi", "3.1.0");
    w_.key("info").open('{').text("title", title).text("version", version);
    w_.text("description", "JSON both ways; errors are RFC 9457 problem documents.").close('}');
    w_.key("servers").open('[').open('{').text("url", "/").close('}').close(']');
    write_tags();
    w_.key("paths").open('{');
    std::map<std::string, std::vector<const Route*>> paths;
    for (const auto& route : routes_.all()) paths[route->pattern].push_back(route.get());
    for (const auto& [pattern, routes] : paths) write_path(pattern, routes);
    w_.close('}');
    write_components();
    return w_.close('}').take();
  }

 private:
  void write_tags() {
    std::set<std::string> tags;
    for (const auto& route : routes_.all()) tags.insert(route->domain);
    w_.key("tags").open('[');
    for (const auto& tag : tags) {
      w_.open('{').text("name", tag).text("description", "Calls of the domain " + tag).close('}');
    }
    w_.close(']');
  }

  void write_path(const std::string& pattern, const std::vector<const Route*>& routes) {
    w_.key(pattern).open('{');
    for (const Route* route : routes) write_operation(*route);
    w_.close('}');
  }

  void write_operation(const Route& route) {
    const auto fields = route.action->fields();
    const std::string summary = route.summary.empty() ? route.id : route.summary;
    w_.key(lower(to_string(route.method))).open('{');
    w_.text("operationId", operation_id(route)).text("summary", summary).text("description", access_of(route));
    w_.key("tags").open('[').value(route.domain).close(']');
    if (route.access.kind != Access::Kind::anyone) {
      w_.key("security").open('[').open('{').key("bearer").open('[').close(']').close('}').close(']');
    } else {
      w_.key("security").open('[').open('{').close('}').close(']');
    }
    write_parameters(route, fields);
    if (route.takes_body()) write_body(route, fields);
    write_responses(route, fields);
    w_.close('}');
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
        return "For the user of this id, and for the role `" + route.access.role + "`.";
    }
    return {};
  }

  void write_parameters(const Route& route, const std::vector<RouteField>& fields) {
    w_.key("parameters").open('[');
    for (const std::string_view segment : http::split_path(route.pattern)) {
      if (!segment.starts_with('{')) continue;
      w_.open('{').text("name", segment.substr(1, segment.size() - 2)).text("in", "path").key("required").raw("true");
      w_.text("description", "An opaque id; one that names nothing is 404");
      w_.key("schema").open('{').text("type", "string").close('}').close('}');
    }
    for (const RouteField& field : fields) {
      if (field.source != Source::query) continue;
      w_.open('{').text("name", field.field.name).text("in", "query");
      w_.text("description", field.required ? "Required" : "May be left out");
      w_.key("required").raw(field.required ? "true" : "false").key("schema");
      const wire::Schema& schema = field.field.schema();
      const bool optional = schema.shape == wire::Shape::optional;
      schemas_.write(w_, optional ? schema.element() : schema, field.field.rules, SchemaWriter::Use::input,
                     field.default_value);
      w_.close('}');
    }
    if (route.reads_if_match) refer_to_parameter("If-Match");
    if (route.etag == Route::Tag::strong) refer_to_parameter("If-None-Match");
    if (route.idempotency_key == Route::IdempotencyKey::honoured) refer_to_parameter("Idempotency-Key");
    w_.close(']');
  }

  void refer_to_parameter(std::string_view name) {
    w_.open('{').text("$ref", "#/components/parameters/" + std::string(name)).close('}');
  }

  void write_body(const Route& route, const std::vector<RouteField>& fields) {
    std::vector<wire::SchemaField> body;
    bool required = false;
    for (const RouteField& field : fields) {
      if (field.source != Source::body) continue;
      body.push_back(field.field);
      required |= field.required;
    }
    w_.key("requestBody").open('{').text("description", "The fields of this call");
    w_.key("required").raw(required ? "true" : "false");
    w_.key("content").open('{').key("application/json").open('{').key("schema");
    if (body.size() == fields.size()) {
      schemas_.write(w_, route.action->message(), nullptr, SchemaWriter::Use::input);
    } else {
      schemas_.write_fields(w_, body, SchemaWriter::Use::input);
    }
    w_.close('}').close('}').close('}');
  }

  void write_responses(const Route& route, const std::vector<RouteField>& fields) {
    w_.key("responses").open('{');
    write_success(route);
    if (route.etag == Route::Tag::strong) {
      w_.key("304").open('{').text("description", "As the client knows it").key("headers").open('{');
      refer_to_header("X-Request-Id");
      refer_to_header("ETag");
      w_.close('}').close('}');
    }
    std::map<std::uint16_t, std::set<std::string>> problems;
    for (const std::string& code : codes_of(route, fields))
      problems[routes_.problems().find(code)->status].insert(code);
    for (const auto& [status, codes] : problems) write_problem(route, status, codes);
    w_.close('}');
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

  void write_success(const Route& route) {
    w_.key(std::to_string(route.status)).open('{');
    w_.text("description", route.status == 201 ? "Created" : route.status == 204 ? "Done" : "The answer");
    w_.key("headers").open('{');
    refer_to_header("X-Request-Id");
    if (route.etag == Route::Tag::strong) refer_to_header("ETag");
    if (route.creates) refer_to_header("Location");
    if (route.idempotency_key == Route::IdempotencyKey::honoured) refer_to_header("Idempotency-Replayed");
    w_.close('}');
    if (route.status != 204) {
      w_.key("content").open('{').key("application/json").open('{').key("schema");
      schemas_.write(w_, route.action->reply(), nullptr, SchemaWriter::Use::answer);
      w_.close('}').close('}');
    }
    w_.close('}');
  }

  void refer_to_header(std::string_view name) {
    w_.key(name).open('{').text("$ref", "#/components/headers/" + std::string(name)).close('}');
  }

  void write_problem(const Route& route, std::uint16_t status, const std::set<std::string>& codes) {
    std::string description;
    for (const std::string& code : codes) {
      if (!description.empty()) description += "; ";
      description += "`" + code + "`: " + routes_.problems().find(code)->title;
    }
    w_.key(std::to_string(status)).open('{').text("description", description);
    w_.key("headers").open('{');
    refer_to_header("X-Request-Id");
    if (status == 401) refer_to_header("WWW-Authenticate");
    if (status == 429 || status == 503) refer_to_header("Retry-After");
    if (route.idempotency_key == Route::IdempotencyKey::honoured && is_final(status)) {
      refer_to_header("Idempotency-Replayed");
    }
    w_.close('}').key("content").open('{').key("application/problem+json").open('{').key("schema");
    const auto& document = status == 400 ? wire::schema_of<InvalidDocument>() : wire::schema_of<ProblemDocument>();
    schemas_.write(w_, document, nullptr, SchemaWriter::Use::answer);
    w_.close('}').close('}').close('}');
  }

  void write_components() {
    w_.key("components").open('{');
    w_.key("securitySchemes").open('{').key("bearer").open('{').text("type", "http").text("scheme", "bearer");
    w_.text("bearerFormat", "JWT").text("description", "The token that signing in answers").close('}').close('}');
    // Only what something refers to: the rest would be reported as unused.
    const auto any = [&](auto holds) {
      return std::any_of(routes_.all().begin(), routes_.all().end(), [&](const auto& route) { return holds(*route); });
    };
    const bool if_match = any([](const Route& r) { return r.reads_if_match; });
    const bool etag = any([](const Route& r) { return r.etag == Route::Tag::strong; });
    const bool keys = any([](const Route& r) { return r.idempotency_key == Route::IdempotencyKey::honoured; });
    const bool creates = any([](const Route& r) { return r.creates; });
    w_.key("parameters").open('{');
    if (if_match)
      write_header_parameter("If-Match", "Entity tags, or *: the call is done only if one is the present's");
    if (etag) write_header_parameter("If-None-Match", "Entity tags that the client knows, or *: answered 304");
    if (keys) {
      write_header_parameter("Idempotency-Key",
                             "1 to 255 visible characters: the same request under the same key is done once, and "
                             "answered again for 24 hours");
    }
    w_.close('}').key("headers").open('{');
    write_header("X-Request-Id", "string", "The client's, or one of the server's");
    write_header("WWW-Authenticate", "string", "Bearer");
    write_header("Retry-After", "integer", "Seconds to wait, at least 1");
    if (etag) write_header("ETag", "string", "A strong tag over the whole answer");
    if (creates) write_header("Location", "string", "Where the created is");
    if (keys) write_header("Idempotency-Replayed", "string", "`true`: this was answered before under the same key");
    w_.close('}').key("schemas").open('{');
    schemas_.write_components(w_);
    w_.close('}').close('}');
  }

  void write_header_parameter(std::string_view name, std::string_view description) {
    w_.key(name).open('{').text("name", name).text("in", "header").text("description", description);
    w_.key("required").raw("false").key("schema").open('{').text("type", "string").close('}').close('}');
  }
  void write_header(std::string_view name, std::string_view type, std::string_view description) {
    w_.key(name).open('{').text("description", description);
    w_.key("schema").open('{').text("type", type).close('}').close('}');
  }

  const RouteTable& routes_;
  JsonWriter w_;
  SchemaWriter schemas_;
  std::set<std::string> operation_ids_;
};

}  // namespace

std::string openapi_document(const RouteTable& routes, std::string_view title, std::string_view version) {
  return Description(routes).write(title, version);
}

}  // namespace troupe::gateway
