#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/process/child_process.hpp"

namespace troupe::bench {

/// How the shop runs.
struct ShopShape {
  std::optional<std::size_t> loops = {};  ///< the nodes' key of that name; its default when absent
  enum class Nodes { one, three } nodes = Nodes::one;
};

/// The shop's own binary on empty data, with ports chosen by the system; spoken to over HTTP alone. One process, or
/// three: gateway, users and products, orders.
/// Lifetime: the process is stopped and `folder` removed with this object.
class ShopServer {
 public:
  /// Starts `program` with its data, topology and log in `folder`, and waits until it is ready.
  /// Errors: throws, with the log's end, when the shop does not become ready.
  ShopServer(const std::filesystem::path& program, const std::filesystem::path& folder, const ShopShape& shape);
  ~ShopServer();

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return process_->pid(); }
  /// From the call that created the process to the line that says ready.
  std::chrono::duration<double, std::milli> ready_after() const { return ready_after_; }

  /// Creates products with stock for any run and gives their ids.
  std::vector<std::string> create_products(std::size_t count);
  /// Registers customers, signs them in and gives their tokens.
  std::vector<std::string> sign_in_customers(std::size_t count);
  /// Units that all products together hold for orders.
  std::uint64_t reserved_units();
  /// Size of the answer to `GET /products/{id}`.
  std::size_t product_bytes(const std::string& id);

 private:
  std::string call(unsigned expected_status, const std::string& method, const std::string& target,
                   const std::string& token, const std::string& body);
  std::string sign_in(const std::string& email, const std::string& password);
  std::string log_end() const;

  std::filesystem::path folder_;
  std::optional<process::ChildProcess> process_;
  std::uint16_t port_ = 0;
  std::chrono::duration<double, std::milli> ready_after_{};
  std::string admin_token_;
};

/// The port in a server's line `ready … gateway=ADDRESS:PORT …`.
/// Errors: throws when the line has none.
std::uint16_t gateway_port(const std::string& ready_line);

}  // namespace troupe::bench
