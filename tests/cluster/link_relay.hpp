#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace shop::testing {

/// All that two nodes say to each other, whichever of them dials.
struct Wire {
  std::string one;
  std::string other;
};

/// How both ends of a connection see it end.
enum class Ending { in_order, reset };

/// What becomes of those who dial while a wire refuses them.
enum class Refusal { nobody_listens, hangs_up };

/// The network between nodes, in the hands of a test: nodes dial addresses of this relay, which passes on what they say
/// until it is told otherwise.
///
/// Threads: the test's. Octets move on a thread of the relay's own; what a call is to do is done when it returns.
class LinkRelay {
 public:
  LinkRelay();
  ~LinkRelay();
  LinkRelay(const LinkRelay&) = delete;
  LinkRelay& operator=(const LinkRelay&) = delete;

  /// Where the node `from` is to dial the node `to`, which listens at `target`. The system chooses the port.
  std::string open(const std::string& from, const std::string& to, const std::string& target);

  /// Ends every connection of the wire, at both ends at once. What was under way may be lost.
  void cut(const Wire& wire, Ending ending);
  /// Breaks every connection off as soon as it stands inside a frame, after so many more octets in one direction.
  void tear(const Wire& wire, std::size_t octets);
  /// Keeps back what is said, by those also who dial meanwhile.
  void hold(const Wire& wire);
  void let_go(const Wire& wire);
  /// As where the network is gone: nothing passes on what is connected now, nor is anything acknowledged. With let_go()
  /// these connections end. False: the system does not let us.
  bool lose(const Wire& wire);
  /// Whoever dials finds nobody. What is connected stays so.
  void refuse(const Wire& wire, Refusal how);
  void accept(const Wire& wire);

  /// At this moment: connections, and octets that are held.
  std::size_t connections(const Wire& wire);
  std::size_t held(const Wire& wire);
  /// Since the beginning, of all wires: connections that were torn inside a frame, and dialers on whom it hung up.
  std::size_t torn();
  std::size_t turned_away();

 private:
  class Network;
  std::unique_ptr<Network> network_;
};

}  // namespace shop::testing
