#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/process/child_process.hpp"
#include "tests/shop/placement.hpp"

namespace shop::testing {

using troupe::process::ChildProcess;
using troupe::process::Command;
using troupe::process::eventually;
using troupe::process::Exit;
using troupe::process::Finished;
using troupe::process::Mount;
using troupe::process::patience;
using troupe::process::private_mounts_possible;
using troupe::process::run_to_end;

inline constexpr const char* admin_email = "admin@shop.test";
inline constexpr const char* admin_password = "correct horse battery";

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The variables that make the first admin, and what else a test wants to set.
Environment with_admin(Environment others = {});

struct ShopOptions {
  std::string settings = {};  ///< text added to the topology, such as "[settings.order]\nunpaid_after = \"2s\"\n"
  std::string gateway = "127.0.0.1:0";
  std::string admin = "127.0.0.1:0";
  Environment environment = with_admin();
  std::optional<Mount> mount = std::nullopt;
  Placement placement = wanted_placement();  ///< empty: one process; addresses are then chosen by the system
  std::string secret = {};                   ///< of the links
  std::string program = {};                  ///< another than the binary under test
};

/// The topology of one node that hosts everything, its data in the folder `data` beside it.
std::string monolith(const ShopOptions& options);

/// Writes a text, replacing what was there.
void write_text(const std::filesystem::path& path, std::string_view text);

/// Where the binary under test lies.
std::string shop_binary();

/// A command for the shop in that folder: shop_command(folder, {"check", "topology.toml"}).
Command shop_command(const std::filesystem::path& folder, std::vector<std::string> arguments,
                     Environment environment = with_admin());

/// The shop, on ports chosen by the system, ready when constructed: one process, or, where TROUPE_PLACEMENT says so,
/// several under `shop up`.
///
/// Errors: std::runtime_error with its standard error, when it does not become ready.
class ShopProcess {
 public:
  explicit ShopProcess(const std::filesystem::path& folder, const ShopOptions& options = {});
  /// Shows its log where the test has failed.
  ~ShopProcess();

  /// The first of the gateways, and all of them.
  const std::string& gateway() const { return gateways_.front(); }
  const std::vector<std::string>& gateways() const { return gateways_; }
  /// The operations listener of the first gateway's node.
  const std::string& admin() const { return admin_; }
  /// Where a node is linked to, and its operations listener; of one that never told, empty.
  std::string link_of(const std::string& node) const { return told_by(node, "link"); }
  std::string admin_of(const std::string& node) const { return told_by(node, "admin"); }
  ChildProcess& child() { return child_; }
  bool running() { return child_.running(); }

  /// Asks it to end in order, by SIGTERM.
  Exit stop();

  /// Ends it at once, by SIGKILL.
  void kill();

 private:
  ChildProcess child_;
  std::vector<std::string> gateways_;
  std::string admin_;

  /// The field of the node's latest ready line.
  std::string told_by(const std::string& node, const std::string& name) const;
};

}  // namespace shop::testing
