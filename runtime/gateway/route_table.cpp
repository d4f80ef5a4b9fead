#include <troupe/gateway/route_table.hpp>

#include <stdexcept>
#include <utility>

#include <troupe/http/target.hpp>
#include <troupe/wire/utf8.hpp>

namespace troupe::gateway {

struct RouteTable::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> plain;
  std::unique_ptr<Node> parameter;
  std::optional<Resource> resource;
};

namespace {

std::string allow(const std::array<const Route*, 8>& routes) {
  std::string text;
  for (const http::Method method :
       {http::Method::get, http::Method::post, http::Method::put, http::Method::patch, http::Method::delete_}) {
    if (!routes[static_cast<std::size_t>(method)]) continue;
    text += to_string(method);
    text += method == http::Method::get ? ", HEAD, " : ", ";
  }
  return text + "OPTIONS";
}

}  // namespace

const Route* RouteTable::Resource::find(http::Method method) const {
  if (method == http::Method::head) method = http::Method::get;
  return routes_[static_cast<std::size_t>(method)];
}

RouteTable::RouteTable(const std::vector<Routes>& domains, wire::JsonLimits json)
    : json_limits_(json), root_(std::make_unique<Node>()) {
  for (const Routes& domain : domains) {
    for (const ProblemKind& kind : domain.problems()) problems_.add(kind);
    for (const auto& route : domain.all()) {
      routes_.push_back(route);
      insert(*route);
    }
  }
}

RouteTable::~RouteTable() = default;

void RouteTable::insert(const Route& route) {
  for (const std::string& code : route.rejections) {
    if (!problems_.find(code)) throw std::logic_error(route.id + " rejects with the unknown code '" + code + "'");
  }
  Node* node = root_.get();
  for (const std::string_view segment : http::split_path(route.pattern)) {
    std::unique_ptr<Node>* next = &node->parameter;
    if (!segment.starts_with('{')) {
      next = nullptr;
      for (auto& [name, child] : node->plain) {
        if (name == segment) next = &child;
      }
      if (!next) next = &node->plain.emplace_back(std::string(segment), nullptr).second;
    }
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
  }
  if (!node->resource) node->resource.emplace();
  const Route*& slot = node->resource->routes_.at(static_cast<std::size_t>(route.method));
  if (slot) throw std::logic_error(route.id + " is declared twice");
  slot = &route;
  node->resource->allowed_ = allow(node->resource->routes_);
}

const RouteTable::Node* RouteTable::walk(const Node& node, const std::string_view* segment, const std::string_view* end,
                                         PathValues& values) const {
  if (segment == end) return node.resource ? &node : nullptr;
  std::optional<std::string> decoded;
  if (segment->find('%') != std::string_view::npos) {
    decoded = http::percent_decode(*segment);
    if (!decoded) return nullptr;
  }
  const std::string_view text = decoded ? std::string_view(*decoded) : *segment;
  for (const auto& [name, child] : node.plain) {
    if (name != text) continue;
    if (const Node* found = walk(*child, segment + 1, end, values)) return found;
  }
  if (!node.parameter || text.empty()) return nullptr;
  values.emplace_back(text);
  if (const Node* found = walk(*node.parameter, segment + 1, end, values)) return found;
  values.pop_back();
  return nullptr;
}

RouteTable::Match RouteTable::match(std::string_view path) const {
  Match match;
  if (!wire::is_utf8(path)) return match;
  const http::PathSegments segments = http::split_path(path);
  if (const Node* node = walk(*root_, segments.data(), segments.data() + segments.size(), match.values)) {
    match.resource = &*node->resource;
  }
  return match;
}

}  // namespace troupe::gateway
