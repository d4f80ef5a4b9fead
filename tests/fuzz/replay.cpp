// Runs a fuzz target without libFuzzer: every seed of its corpus, then mutations of them from a fixed random seed, so
// that each ordinary test run exercises the target a little and alike. TROUPE_FUZZ builds do the real search.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr int mutations_per_seed = 200;
constexpr std::size_t edits_per_mutation = 4;

void run(const Input& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

std::vector<Input> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Input> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

/// One of: overwrite a byte, remove one, insert one, cut the tail off.
void edit(Input& input, std::mt19937_64& random) {
  const auto byte = static_cast<std::uint8_t>(random());
  if (input.empty()) {
    input.push_back(byte);
    return;
  }
  const auto at = static_cast<std::ptrdiff_t>(random() % input.size());
  switch (random() % 4) {
    case 0:
      input[static_cast<std::size_t>(at)] = byte;
      break;
    case 1:
      input.erase(input.begin() + at);
      break;
    case 2:
      input.insert(input.begin() + at, byte);
      break;
    default:
      input.resize(static_cast<std::size_t>(at));
      break;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: " << arguments[0] << " CORPUS\n";
    return 2;
  }
  const auto seeds = read_corpus(arguments[1]);
  if (seeds.empty()) {
    std::cerr << arguments[1] << ": no seeds\n";
    return 1;
  }
  std::mt19937_64 random(1);
  run({});
  for (const auto& seed : seeds) {
    run(seed);
    for (int i = 0; i < mutations_per_seed; ++i) {
      auto mutant = seed;
      for (std::size_t edits = 1 + random() % edits_per_mutation; edits > 0; --edits) edit(mutant, random);
      run(mutant);
    }
  }
  std::cout << "replayed " << seeds.size() << " seeds and " << seeds.size() * mutations_per_seed << " mutations\n";
}
