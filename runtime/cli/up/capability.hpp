#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/node/application.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::cli {

/// What a program can host: protocols, and "gateway".
using Capability = std::vector<std::string>;

/// The names, a line each, as `hosts` prints them.
std::string to_text(const Capability& capability);

/// What `node` hosts and a program cannot.
std::vector<std::string> lacking(const topology::Node& node, const Capability& capability);

/// "the node orders hosts product, which shop-order does not have; ..."
std::string refusal(const topology::Node& node, const std::vector<std::string>& lacking, std::string_view program);

/// A program that can run nodes.
struct Binary {
  std::string path;
  Capability capability;
};

/// The binaries of an application in a folder: the files NAME and NAME-..., which are asked what they host.
/// Errors: throws std::invalid_argument that names the folder or file that cannot be used.
std::vector<Binary> find_binaries(const std::string& folder, const std::string& name);

/// The program that can host all that the node hosts and the least beside it; null if none can.
const Binary* smallest_for(const topology::Node& node, const std::vector<Binary>& binaries);

}  // namespace troupe::cli
