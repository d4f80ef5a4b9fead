#include <boost/json.hpp>
#include <regex>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

class OpenApi : public ShopTest {
 protected:
  void SetUp() override {
    answer_ = anyone().get("/openapi.json");
    ASSERT_TRUE(has_status(answer_, 200));
    document_ = answer_.json();
  }

  const Json* find(const std::string& pointer) const {
    boost::system::error_code error;
    return document_.find_pointer(pointer, error);
  }

  Answer answer_;
  Json document_;
};

std::string in_pointer(std::string text) {
  text = std::regex_replace(text, std::regex{"~"}, "~0");
  return std::regex_replace(text, std::regex{"/"}, "~1");
}

/// A path of the contract, with whatever name its parameter has in the document.
std::string with_any_parameter(const std::string& path) {
  return std::regex_replace(path, std::regex{R"(\{[^}]*\})"}, "{}");
}

struct Operation {
  std::string method;
  std::string path;
  std::string success;
  std::vector<std::string> errors;
};

/// Every public call of the contract.
const std::vector<Operation> operations{
    {"post", "/users", "201", {"400", "409", "413", "415"}},
    {"post", "/sessions", "201", {"400", "401"}},
    {"get", "/users/{}", "200", {"401", "403", "404"}},
    {"put", "/users/{}", "200", {"400", "401", "403", "404", "409"}},
    {"delete", "/users/{}", "204", {"401", "403", "404", "409"}},
    {"post", "/products", "201", {"400", "401", "403"}},
    {"get", "/products/{}", "200", {"404"}},
    {"get", "/products", "200", {"400"}},
    {"put", "/products/{}", "200", {"400", "401", "403", "404", "412"}},
    {"post", "/products/{}/stock", "200", {"400", "401", "403", "404", "409"}},
    {"delete", "/products/{}", "204", {"401", "403", "404", "409"}},
    {"post", "/orders", "201", {"400", "401", "403", "404", "422"}},
    {"get", "/orders/{}", "200", {"401", "403", "404"}},
    {"get", "/orders", "200", {"400", "401", "403"}},
    {"put", "/orders/{}", "200", {"400", "401", "403", "404", "409", "422"}},
    {"delete", "/orders/{}", "204", {"401", "403", "404", "409"}},
    {"post", "/orders/{}/payment", "200", {"400", "401", "403", "404", "409", "422", "504"}},
    {"post", "/orders/{}/shipment", "200", {"400", "401", "403", "404", "409"}},
    {"get", "/orders/{}/status", "200", {"401", "403", "404"}},
    {"get", "/payments", "200", {"400", "401", "403", "404"}},
};

TEST_F(OpenApi, IsADocumentOfVersionThreeOne) {
  EXPECT_TRUE(answer_.header("Content-Type").value_or("").starts_with("application/json"));
  EXPECT_TRUE(text(document_, "openapi").starts_with("3.1"));
  EXPECT_FALSE(text(document_.at("info"), "title").empty());
  EXPECT_FALSE(text(document_.at("info"), "version").empty());
}

TEST_F(OpenApi, DescribesEveryCallOfTheContractAndNoOther) {
  std::set<std::string> described;
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      const std::string method{operation.key()};
      if (method == "get" || method == "post" || method == "put" || method == "delete" || method == "patch") {
        described.insert(method + ' ' + with_any_parameter(std::string{path.key()}));
      }
    }
  }
  described.erase("get /openapi.json");
  described.erase("get /docs");
  std::set<std::string> expected;
  for (const auto& operation : operations) expected.insert(operation.method + ' ' + operation.path);
  EXPECT_EQ(described, expected);
}

TEST_F(OpenApi, TellsTheAnswersOfEveryCall) {
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& expected : operations) {
      if (with_any_parameter(std::string{path.key()}) != expected.path) continue;
      const auto* found = path.value().as_object().if_contains(expected.method);
      ASSERT_NE(found, nullptr) << expected.method << ' ' << expected.path;
      const auto& responses = found->at("responses").as_object();
      EXPECT_TRUE(responses.contains(expected.success)) << expected.method << ' ' << expected.path;
      for (const auto& error : expected.errors) {
        EXPECT_TRUE(responses.contains(error) || responses.contains("default"))
            << error << " of " << expected.method << ' ' << expected.path;
      }
      const bool has_body = expected.method == "post" || expected.method == "put";
      EXPECT_EQ(found->as_object().contains("requestBody"), has_body) << expected.method << ' ' << expected.path;
    }
  }
}

TEST_F(OpenApi, TellsTheHeadersOfEveryAnswer) {
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      const bool keyed =
          boost::json::serialize(operation.value()).find("parameters/Idempotency-Key") != std::string::npos;
      for (const auto& response : operation.value().at("responses").as_object()) {
        const std::string status{response.key()};
        const auto told = std::string{operation.key()} + ' ' + std::string{path.key()} + ' ' + status;
        const auto& headers = response.value().at("headers").as_object();
        EXPECT_TRUE(headers.contains("X-Request-Id")) << told;
        const bool kept = status.starts_with('2') || status == "404" || status == "409" || status == "422";
        EXPECT_EQ(headers.contains("Idempotency-Replayed"), keyed && kept) << told;
        EXPECT_EQ(headers.contains("Retry-After"), status == "503") << told;
        EXPECT_EQ(headers.contains("WWW-Authenticate"), status == "401") << told;
      }
    }
  }
}

TEST_F(OpenApi, DeclaresTheParametersOfEveryPath) {
  for (const auto& path : document_.at("paths").as_object()) {
    const std::string template_text{path.key()};
    const std::regex name{R"(\{([^}]*)\})"};
    for (std::sregex_iterator match{template_text.begin(), template_text.end(), name}, end; match != end; ++match) {
      const auto declaration = "\"name\":\"" + (*match)[1].str() + '"';
      const auto content = boost::json::serialize(path.value());
      EXPECT_TRUE(content.find(declaration) != content.npos || content.find("#/components/parameters/") != content.npos)
          << template_text;
    }
  }
}

TEST_F(OpenApi, GivesEveryOperationAnIdOfItsOwn) {
  std::set<std::string> ids;
  std::size_t count = 0;
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      if (!operation.value().is_object() || !operation.value().get_object().contains("responses")) continue;
      ids.insert(text(operation.value(), "operationId"));
      ++count;
    }
  }
  EXPECT_EQ(ids.size(), count);
  EXPECT_GE(count, operations.size());
}

void collect_references(const Json& value, std::set<std::string>& references) {
  if (value.is_array()) {
    for (const auto& element : value.get_array()) collect_references(element, references);
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (member.key() == "$ref" && member.value().is_string()) references.emplace(member.value().get_string());
      collect_references(member.value(), references);
    }
  }
}

TEST_F(OpenApi, RefersOnlyToWhatItContains) {
  std::set<std::string> references;
  collect_references(document_, references);
  for (const auto& reference : references) {
    ASSERT_TRUE(reference.starts_with("#/")) << reference;
    EXPECT_NE(find(reference.substr(1)), nullptr) << reference;
  }
}

TEST_F(OpenApi, SaysWhichCallsWantAToken) {
  const auto* schemes = find("/components/securitySchemes");
  ASSERT_NE(schemes, nullptr);
  EXPECT_NE(boost::json::serialize(*schemes).find("\"bearer\""), std::string::npos);
  const auto* placing = find("/paths/" + in_pointer("/orders") + "/post");
  ASSERT_NE(placing, nullptr);
  EXPECT_TRUE(placing->as_object().contains("security") || document_.as_object().contains("security"));
}

TEST_F(OpenApi, StatesTheLimitsThatAreEnforced) {
  const auto content = boost::json::serialize(document_);
  for (const auto* limit : {"\"maximum\":9000000000", "\"maximum\":1000000000", "\"maximum\":10000", "\"maxItems\":100",
                            "\"maxLength\":200", "\"maxLength\":10000", "\"maxLength\":254", "\"maximum\":200"}) {
    EXPECT_NE(content.find(limit), std::string::npos) << limit;
  }
  EXPECT_NE(content.find("application/problem+json"), std::string::npos);
  EXPECT_NE(content.find("Idempotency-Key"), std::string::npos);
}

TEST_F(OpenApi, HasAPageThatWorksOffline) {
  const auto page = anyone().get("/docs");
  ASSERT_TRUE(has_status(page, 200));
  EXPECT_TRUE(page.header("Content-Type").value_or("").starts_with("text/html"));
  for (const auto* remote : {"src=\"http", "src='http", "src=\"//", "href=\"http", "href=\"//", "@import"}) {
    EXPECT_EQ(page.body.find(remote), std::string::npos) << remote;
  }
}

}  // namespace
}  // namespace shop::testing
