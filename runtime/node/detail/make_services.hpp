#pragma once

#include <memory>

#include <troupe/node/application.hpp>
#include <troupe/node/node.hpp>
#include <troupe/node/node_data.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::node {

/// What the parts of an application may use of this node.
/// Errors: throws std::invalid_argument where a variable of the environment holds no token key.
std::shared_ptr<Services> make_services(const Application& application, const topology::Node& node,
                                        const NodeOptions& options, NodeData& data);

}  // namespace troupe::node
