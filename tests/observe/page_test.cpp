#include <troupe/observe/page.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(AdminPage, NeedsNothingFromElsewhere) {
  const std::string page(admin_page());
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  for (const auto* foreign : {"http:", "https:", "src=", "//cdn", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(foreign)));
  }
}

TEST(AdminPage, ReadsTheDocumentsOfItsOwnListener) {
  const std::string page(admin_page());
  for (const auto* path : {"fetch(\"status\")", "fetch(\"readyz\")", "fetch(\"dead-letters\")", "fetch(\"metrics\")"}) {
    EXPECT_THAT(page, HasSubstr(path));
  }
}

TEST(AdminPage, NeverTurnsTextIntoMarkup) {
  const std::string page(admin_page());
  EXPECT_THAT(page, Not(HasSubstr("innerHTML")));
  EXPECT_THAT(page, Not(HasSubstr("document.write")));
}

}  // namespace
}  // namespace troupe::observe
