#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "tests/bench/sample.hpp"

namespace troupe::bench {

/// One way to do what a group measures. Each run starts from nothing and gives the same samples anew.
struct Contender {
  std::string name;
  std::function<std::vector<Sample>()> run;
  std::string missing = {};  ///< What this machine lacks to run it; empty when nothing.
};

/// Contenders that are to be compared: they take turns, round by round, so that a machine that slows down or a disk
/// that fills up hits all of them alike.
struct Group {
  std::string name;
  std::vector<Contender> contenders;
};

/// All values of one sample, a value a round.
struct Series {
  std::string key;  ///< `group/contender/sample`
  std::string unit;
  std::vector<double> rounds;

  double median() const;
  double min() const;
  double max() const;
};

struct Measurements {
  std::vector<Series> series;
  std::vector<std::string> skipped;   ///< Contenders that this machine cannot run.
  std::vector<std::string> failures;  ///< Runs that failed, with the reason.

  const Series* find(const std::string& key) const;
};

/// Runs every group in turn, `rounds` times A B A B…, and tells `progress` what it does. A run that fails is recorded
/// and does not stop the others.
Measurements run_rounds(const std::vector<Group>& groups, std::size_t rounds, std::ostream& progress);

}  // namespace troupe::bench
