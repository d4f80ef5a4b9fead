#include <troupe/storage/layout.hpp>

#include <algorithm>
#include <charconv>
#include <set>

namespace troupe::storage {

namespace {

/// Also bounds what a damaged text can ask for.
constexpr std::uint32_t most_shards = 1 << 20;

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number >= most_shards) return std::nullopt;
  return number;
}

}  // namespace

std::string to_text(const Shards& shards) {
  std::string text;
  for (std::size_t first = 0; first < shards.size();) {
    std::size_t last = first;
    while (last + 1 < shards.size() && shards[last + 1] == shards[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(shards[first]);
    if (last > first) text += '-' + std::to_string(shards[last]);
    first = last + 1;
  }
  return text;
}

std::optional<Shards> parse_shards(std::string_view text) {
  Shards shards;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto range = text.substr(0, comma);
    const auto dash = range.find('-');
    const auto first = parse_number(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(range.substr(dash + 1));
    if (!first || !last || *last < *first || (!shards.empty() && *first <= shards.back())) return std::nullopt;
    for (std::uint32_t shard = *first; shard <= *last; ++shard) shards.push_back(shard);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  return shards;
}

const ProtocolDatabase* NodeLayout::find(std::string_view protocol) const {
  const auto found = std::ranges::find(databases, protocol, &ProtocolDatabase::protocol);
  return found == databases.end() ? nullptr : &*found;
}

const NodeLayout* Layout::find(std::string_view node) const {
  const auto found = std::ranges::find(nodes, node, &NodeLayout::node);
  return found == nodes.end() ? nullptr : &*found;
}

std::vector<std::string> Layout::protocols() const {
  std::set<std::string> names;
  for (const auto& node : nodes) {
    for (const auto& database : node.databases) names.insert(database.protocol);
  }
  return {names.begin(), names.end()};
}

Owners::Owners(const Layout& layout, std::string_view protocol) {
  for (const auto& node : layout.nodes) {
    const ProtocolDatabase* database = node.find(protocol);
    if (!database) continue;
    by_shard_.resize(database->shards);
    for (const auto shard : database->held) by_shard_[shard] = {&node, database};
  }
}

std::uint32_t Owners::shard_of(const Key& key) const {
  return static_cast<std::uint32_t>(key.shard_hash() % by_shard_.size());
}

}  // namespace troupe::storage
