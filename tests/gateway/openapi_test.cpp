#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <set>

#include "tests/gateway/routes_fixture.hpp"

namespace troupe::gateway::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Description : public RoutesTest {
 protected:
  boost::json::value document() { return boost::json::parse(get("/openapi.json").body); }
};

void collect_references(const boost::json::value& value, std::set<std::string>& references) {
  if (value.is_array()) {
    for (const auto& element : value.get_array()) collect_references(element, references);
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (member.key() == "$ref") references.emplace(member.value().as_string());
      collect_references(member.value(), references);
    }
  }
}

TEST_F(Description, HasEveryRoute) {
  const auto api = document();
  EXPECT_EQ(api.at("openapi").as_string(), "3.1.0");
  std::set<std::string> ids;
  std::size_t count = 0;
  for (const auto& path : api.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      ids.emplace(operation.value().at("operationId").as_string());
      ++count;
    }
  }
  EXPECT_EQ(count, table->all().size());
  EXPECT_EQ(ids.size(), count);
}

TEST_F(Description, RefersOnlyToWhatItHas) {
  const auto api = document();
  std::set<std::string> references;
  collect_references(api, references);
  EXPECT_FALSE(references.empty());
  for (const auto& reference : references) {
    boost::system::error_code error;
    EXPECT_NE(api.find_pointer(reference.substr(1), error), nullptr) << reference;
  }
}

TEST_F(Description, StatesWhatTheGatewayEnforces) {
  const auto api = document();
  const auto& create = api.at("paths").at("/things").at("post");
  EXPECT_TRUE(create.as_object().contains("requestBody"));
  EXPECT_TRUE(create.at("responses").as_object().contains("201"));
  for (const auto* status : {"400", "401", "403", "408", "413", "415", "422", "431", "500", "503", "504"}) {
    EXPECT_TRUE(create.at("responses").as_object().contains(status)) << status;
  }
  const auto text = boost::json::serialize(api);
  for (const auto* part : {R"("maxLength":20)", R"("maximum":100)", R"("default":50)", R"("scheme":"bearer")"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("anonymous"))) << "a namespace without a name has none in a schema's either";
  const auto rename = boost::json::serialize(api.at("paths").at("/things/{id}").at("put"));
  EXPECT_THAT(rename, HasSubstr("#/components/parameters/If-Match"));
  EXPECT_THAT(rename, Not(HasSubstr("if_match")));
}

TEST_F(Description, IsServedWithATagToAnyone) {
  const auto first = get("/openapi.json");
  EXPECT_EQ(header(first, "Content-Type"), "application/json");
  EXPECT_EQ(get("/openapi.json", {{"If-None-Match", header(first, "ETag")}}).status, 304);
  const auto page = get("/docs");
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, Not(HasSubstr("http://")));
  EXPECT_THAT(page.body, Not(HasSubstr("https://")));
}

}  // namespace
}  // namespace troupe::gateway::testing
