#include <troupe/topology/detail/depth.hpp>

#include <algorithm>
#include <cstddef>

namespace troupe::topology::detail {
namespace {

/// Passes over a text, keeping strings and comments apart from what nests.
class DepthScan {
 public:
  explicit DepthScan(std::string_view text) : text_(text) {}

  std::optional<Position> find() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      count(c);
      if (dots_ >= deepest_nesting || nesting_ > deepest_nesting) return position();
      ++at_;
    }
    return std::nullopt;
  }

 private:
  void count(char c) {
    if (c == '.') {
      ++dots_;
    } else if (c == '[' || c == '{') {
      ++nesting_;
      dots_ = 0;
    } else if (c == ']' || c == '}') {
      nesting_ -= nesting_ > 0 ? 1 : 0;
      dots_ = 0;
    } else if (c == '\n' || c == '=' || c == ',') {
      dots_ = 0;
    }
  }

  /// One line's string ends with the line at the latest; of three quotes in a row, with up to five.
  void skip_string(char quote) {
    const bool basic = quote == '"';
    if (!text_.substr(at_).starts_with(std::string_view(basic ? "\"\"\"" : "'''"))) {
      for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
        if (basic && text_[at_] == '\\') {
          ++at_;
        } else if (text_[at_] == quote) {
          ++at_;
          return;
        }
      }
      return;
    }
    at_ += 3;
    for (std::size_t quotes = 0; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        if (++quotes == 5) {
          ++at_;
          return;
        }
        continue;
      }
      if (quotes >= 3) return;
      quotes = 0;
      if (basic && text_[at_] == '\\') ++at_;
    }
  }

  Position position() const {
    const auto before = text_.substr(0, at_);
    const auto line = before.rfind('\n');
    return {static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1),
            static_cast<std::uint32_t>(line == std::string_view::npos ? at_ + 1 : at_ - line)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t dots_ = 0;
  std::uint32_t nesting_ = 0;
};

}  // namespace

std::optional<Position> find_depth(std::string_view text) { return DepthScan(text).find(); }

}  // namespace troupe::topology::detail
