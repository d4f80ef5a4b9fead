#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/gateway/problem.hpp>
#include <troupe/gateway/routes.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::gateway {

/// The routes of all domains that one process serves or keeps keys for, found by path.
///
/// Threads: any; it does not change. Errors: the constructor throws std::logic_error where two routes are one.
class RouteTable {
 public:
  /// `json` bounds the bodies that the routes read.
  explicit RouteTable(const std::vector<Routes>& domains, wire::JsonLimits json = {});
  ~RouteTable();
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  /// What a path names: a route for each of some methods.
  class Resource {
   public:
    /// Null where the path does not have the method; HEAD is GET's.
    const Route* find(http::Method method) const;
    /// The value of Allow.
    const std::string& allowed() const { return allowed_; }

   private:
    friend class RouteTable;
    std::array<const Route*, 8> routes_{};
    std::string allowed_;
  };

  struct Match {
    const Resource* resource = nullptr;  ///< null: no route has such a path
    PathValues values;
  };
  /// A plain segment wins over a parameter. Nothing is at a path that is not UTF-8.
  Match match(std::string_view path) const;

  const std::vector<std::shared_ptr<const Route>>& all() const { return routes_; }
  const ProblemKinds& problems() const { return problems_; }
  const wire::JsonLimits& json_limits() const { return json_limits_; }

 private:
  struct Node;

  void insert(const Route& route);
  const Node* walk(const Node& node, const std::string_view* segment, const std::string_view* end,
                   PathValues& values) const;

  std::vector<std::shared_ptr<const Route>> routes_;
  ProblemKinds problems_;
  wire::JsonLimits json_limits_;
  std::unique_ptr<Node> root_;
};

}  // namespace troupe::gateway
