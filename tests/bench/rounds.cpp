#include "tests/bench/rounds.hpp"

#include <algorithm>
#include <exception>
#include <ostream>

namespace troupe::bench {
namespace {

void record(std::vector<Series>& all, const std::string& prefix, const Sample& sample) {
  const std::string key = prefix + sample.name;
  auto found = std::find_if(all.begin(), all.end(), [&key](const Series& series) { return series.key == key; });
  if (found == all.end()) found = all.insert(all.end(), {key, sample.unit, {}});
  found->rounds.push_back(sample.value);
}

void run_one(const Group& group, const Contender& contender, Measurements& measurements, std::ostream& progress) {
  const std::string name = group.name + "/" + contender.name;
  try {
    for (const Sample& sample : contender.run()) record(measurements.series, name + "/", sample);
  } catch (const std::exception& error) {
    measurements.failures.push_back(name + ": " + error.what());
    progress << "  " << measurements.failures.back() << '\n';
  }
}

}  // namespace

double Series::median() const {
  std::vector<double> sorted(rounds);
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Series::min() const { return *std::min_element(rounds.begin(), rounds.end()); }
double Series::max() const { return *std::max_element(rounds.begin(), rounds.end()); }

const Series* Measurements::find(const std::string& key) const {
  const auto found = std::find_if(series.begin(), series.end(), [&key](const Series& one) { return one.key == key; });
  return found == series.end() ? nullptr : &*found;
}

Measurements run_rounds(const std::vector<Group>& groups, std::size_t rounds, std::ostream& progress) {
  Measurements measurements;
  for (const Group& group : groups) {
    for (const Contender& contender : group.contenders) {
      if (contender.missing.empty()) continue;
      measurements.skipped.push_back(group.name + "/" + contender.name + ": " + contender.missing);
      progress << "skipped " << measurements.skipped.back() << '\n';
    }
    for (std::size_t round = 1; round <= rounds; ++round) {
      progress << group.name << ", round " << round << " of " << rounds << ':';
      for (const Contender& contender : group.contenders) {
        if (!contender.missing.empty()) continue;
        progress << ' ' << contender.name << std::flush;
        run_one(group, contender, measurements, progress);
      }
      progress << std::endl;
    }
  }
  return measurements;
}

}  // namespace troupe::bench
