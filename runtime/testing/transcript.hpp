#pragma once

#include <optional>
#include <string>
#include <vector>

#include <troupe/testing/http.hpp>
#include <troupe/testing/names.hpp>

namespace troupe::testing {

/// What was asked at one moment, and what came of it, in words that don't differ from run to run.
struct Step {
  std::string scenario;
  std::string requests;
  std::string answers;

  friend bool operator==(const Step&, const Step&) = default;
};

/// All that a run showed to its clients, in order.
using Transcript = std::vector<Step>;

/// The durable state of an application, over all nodes: a line for each entity, for each send that is on its way,
/// and for each dead letter.
using DurableState = std::vector<std::string>;

/// A run to its end.
struct Recording {
  Transcript transcript;
  DurableState state;
  DurableState lasting;  ///< the state without what the application calls residue
};

/// The words of one request and its answer.
std::string describe(const HttpRequest& request, Names& names);
/// Status, body and those headers that belong to the contract.
std::string describe(const HttpAnswer& answer, Names& names, Names::Unknown unknown = Names::Unknown::number);

/// Where the second of two runs first differs from the first, for people; nothing: nowhere.
std::optional<std::string> difference(const Transcript& expected, const Transcript& got);
std::optional<std::string> difference(const DurableState& expected, const DurableState& got);

}  // namespace troupe::testing
