#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// A parsed document before it has a type: what the parsers make and the typed walk reads.
namespace troupe::wire::detail {

enum class NodeKind : std::uint8_t {
  null,
  boolean,
  signed_integer,
  unsigned_integer,
  real,
  string,
  bytes,
  array,
  object
};

/// One value. The children of an array or object follow it, an object's as key, value, key, value.
/// Lifetime: text points into the input or into the document.
struct Node {
  NodeKind kind = NodeKind::null;
  std::uint32_t size = 0;  // of text and bytes: in bytes; of an array: its items; of an object: its members
  std::uint32_t skip = 1;  // nodes up to the next sibling
  union {
    bool boolean;
    std::int64_t signed_integer;
    std::uint64_t unsigned_integer = 0;
    double real;
    const char* text;
  };

  std::string_view view() const { return {text, size}; }
  const Node* first_child() const { return this + 1; }
  const Node* next() const { return this + skip; }
};

/// The nodes of one document, in order of appearance.
class Document {
 public:
  explicit Document(std::size_t expected_nodes) { nodes_.reserve(expected_nodes); }

  const Node& root() const { return nodes_.front(); }

  void add_null() { add(NodeKind::null); }
  void add_boolean(bool value) { add(NodeKind::boolean).boolean = value; }
  void add_signed(std::int64_t value) { add(NodeKind::signed_integer).signed_integer = value; }
  void add_unsigned(std::uint64_t value) { add(NodeKind::unsigned_integer).unsigned_integer = value; }
  void add_real(double value) { add(NodeKind::real).real = value; }
  void add_text(NodeKind kind, std::string_view text) {
    Node& node = add(kind);
    node.text = text.data();
    node.size = static_cast<std::uint32_t>(text.size());
  }

  void open(NodeKind kind) {
    // Until it is closed, a container remembers its parent where the distance to its sibling will stand.
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    add(kind).skip = open_;
    open_ = index;
    ++depth_;
  }
  void close(std::uint32_t size) {
    Node& node = nodes_[open_];
    const auto distance = static_cast<std::uint32_t>(nodes_.size()) - open_;
    open_ = node.skip;
    node.skip = distance;
    node.size = size;
    --depth_;
  }
  std::size_t depth() const { return depth_; }

 private:
  Node& add(NodeKind kind) {
    Node& node = nodes_.emplace_back();
    node.kind = kind;
    return node;
  }

  std::vector<Node> nodes_;
  std::uint32_t open_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace troupe::wire::detail
