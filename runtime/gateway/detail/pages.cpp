#include <troupe/gateway/detail/pages.hpp>

#include <algorithm>
#include <utility>

#include <troupe/gateway/detail/conditional.hpp>
#include <troupe/gateway/docs_page.hpp>
#include <troupe/gateway/openapi.hpp>
#include <troupe/wire/etag.hpp>

namespace troupe::gateway::detail {
namespace {

Page make_page(std::string path, std::string content_type, std::string body) {
  std::string etag = etag_of(body);
  return {std::move(path), std::move(content_type), std::move(body), std::move(etag)};
}

}  // namespace

Pages::Pages(const RouteTable& routes, std::string_view title, std::string_view version) {
  pages_.push_back(make_page("/openapi.json", "application/json", openapi_document(routes, title, version)));
  pages_.push_back(make_page("/docs", "text/html; charset=utf-8", docs_page(title)));
}

const Page* Pages::find(std::string_view path) const {
  const auto found = std::ranges::find(pages_, path, &Page::path);
  return found == pages_.end() ? nullptr : &*found;
}

http::Response to_response(const Page& page, const http::Headers& request) {
  http::Response response;
  response.headers.add("Content-Type", page.content_type);
  response.body = page.body;
  tag(response, page.etag, request);
  return response;
}

}  // namespace troupe::gateway::detail
