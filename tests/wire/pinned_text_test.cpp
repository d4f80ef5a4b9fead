#include <troupe/wire/detail/pinned_text.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe::wire::detail {
namespace {

static_assert(!std::is_copy_constructible_v<PinnedText>, "views of the one would not be views of its copy");

TEST(PinnedText, StaysWhereItWasWritten) {
  for (std::size_t size = 0; size <= 64; ++size) {
    const std::string wanted(size, 'x');
    PinnedText text(size + 1);
    text.append("-");
    text.append(wanted);
    const std::string_view view = text.last(size);
    const PinnedText moved = std::move(text);
    EXPECT_EQ(view, wanted);
    EXPECT_EQ(moved.last(size).data(), view.data());
  }
}

TEST(PinnedText, TakesNoMoreThanWasAnnounced) {
  PinnedText text(3);
  text.append("ab");
  EXPECT_THROW(text.append("cd"), std::length_error);
  text.append("c");
  EXPECT_EQ(text.last(3), "abc");
}

}  // namespace
}  // namespace troupe::wire::detail
