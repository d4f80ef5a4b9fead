#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

/// One figure that one program measured once.
struct Sample {
  std::string name;
  double value = 0;
  std::string unit;
};

/// Prints a sample on standard output as one line of JSON, `{"name": …, "value": …, "unit": …}`: what every program
/// of this folder prints, in whatever language it is written.
void print_sample(const Sample& sample);

/// Reads the samples back; lines that are not JSON objects are the program's talk and are passed over.
/// Errors: throws on a JSON object that is not a sample.
std::vector<Sample> parse_samples(std::string_view output);

}  // namespace troupe::bench
