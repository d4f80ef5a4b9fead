#include "tests/bench/sample.hpp"

#include <boost/json.hpp>
#include <cstdio>

namespace troupe::bench {

void print_sample(const Sample& sample) {
  const boost::json::object line{{"name", sample.name}, {"value", sample.value}, {"unit", sample.unit}};
  std::puts(boost::json::serialize(line).c_str());
  std::fflush(stdout);
}

std::vector<Sample> parse_samples(std::string_view output) {
  std::vector<Sample> samples;
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
    if (!line.starts_with('{')) continue;
    const boost::json::value value = boost::json::parse({line.data(), line.size()});
    samples.push_back({std::string(value.at("name").as_string()), value.at("value").to_number<double>(),
                       std::string(value.at("unit").as_string())});
  }
  return samples;
}

}  // namespace troupe::bench
