#include <troupe/topology/fault.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace troupe::topology {
namespace {

/// Longer texts are cut in error messages.
constexpr std::size_t longest_quote = 80;

/// Edit distance with transpositions ("optimal string alignment").
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// On one line, and no terminal's cursor moves: faults quote what a file says.
std::string printable(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text;
}

}  // namespace

std::string to_string(const TopologyFault& fault) {
  std::string text =
      fault.file + ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column) + ": " + fault.what;
  if (!fault.hint.empty()) text += "; " + fault.hint;
  return text;
}

void Faults::add(Position at, std::string what, std::string hint) {
  if (sealed_.contains(at)) return;
  list_.push_back(
      {at, {files_.at(at.file), at.line, at.column, printable(std::move(what)), printable(std::move(hint))}});
}

void Faults::seal_places() {
  for (const Placed& placed : list_) sealed_.insert(placed.at);
}

std::vector<TopologyFault> Faults::take() {
  std::ranges::stable_sort(list_, {}, &Placed::at);
  std::vector<TopologyFault> faults;
  for (Placed& placed : list_) faults.push_back(std::move(placed.fault));
  list_.clear();
  return faults;
}

std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, std::min<std::size_t>(word.size(), 24) / 3) + 1;
  if (word.size() > longest_quote) return best;
  for (const std::string& candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance && d < candidate.size()) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::string suggest(std::string_view word, std::span<const std::string> candidates, std::string_view kind) {
  if (const std::string_view near = nearest(word, candidates); !near.empty()) {
    return "did you mean " + quote(near) + "?";
  }
  if (candidates.empty()) return "there are no " + std::string(kind);
  std::string text = "known " + std::string(kind) + ": ";
  for (std::size_t i = 0; i < candidates.size(); ++i) text += (i == 0 ? "" : ", ") + candidates[i];
  return text;
}

std::string quote(std::string_view word) {
  const bool cut = word.size() > longest_quote;
  return "`" + std::string(word.substr(0, longest_quote)) + (cut ? "...`" : "`");
}

}  // namespace troupe::topology
