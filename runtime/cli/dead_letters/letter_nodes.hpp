#pragma once

#include <optional>
#include <string>
#include <vector>

#include <troupe/cli/status/node_request.hpp>
#include <troupe/node/application.hpp>
#include <troupe/observe/dead_letters.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::cli {

/// Whose dead letters are meant: of all nodes of a topology, or of those at these addresses; neither: the monolith's.
struct LetterNodeArguments {
  std::vector<std::string> topologies;
  std::vector<std::string> admins;
};

/// A node that is asked, and what it said.
struct LetterNode {
  std::string node;  ///< empty: nobody knows its name
  topology::Address address;
  std::string topology;  ///< that it must be of; empty: of any
  std::string trouble;   ///< why it does not tell; empty: it does
  std::vector<observe::DeadLetterSummary> dead_letters;
};

/// A letter that was looked for.
struct FoundLetter {
  topology::Address address;
  std::string document;
};

enum class LetterCommand { retry, drop };

/// The nodes that are asked for dead letters, by their operations listeners. A node that does not answer, or another in
/// its place, has a `trouble`.
class LetterNodes {
 public:
  /// Nothing where the arguments name none; why is printed to standard error.
  static std::optional<LetterNodes> choose(const node::Application& application, const LetterNodeArguments& arguments);

  const std::vector<LetterNode>& all() const { return nodes_; }
  bool all_tell() const;

  /// Fills in every letter of every node.
  void list();
  /// Nothing where no node that tells has it.
  std::optional<FoundLetter> find(const std::string& id);
  /// What became of the letter `id` at this node.
  static std::vector<NodeAnswer> command(const topology::Address& address, const std::vector<std::string>& ids,
                                         LetterCommand command);

 private:
  /// Asks all that may tell for the path; returns them in the order of the requests.
  std::vector<LetterNode*> telling(std::vector<NodeRequest>& requests, const std::string& path);
  /// Takes in one page; the id after which the next one begins, if there is one.
  static std::optional<std::string> take(LetterNode& node, const NodeAnswer& answer);

  std::vector<LetterNode> nodes_;
};

/// `n0 (127.0.0.1:9101)`, or the address where nobody knows the name.
std::string name_of(const LetterNode& node);

}  // namespace troupe::cli
