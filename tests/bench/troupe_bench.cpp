/// Runs the benchmarks against their peers, prints a table and writes results.json and raw.json; see
/// docs/benchmarks.md.
#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "tests/bench/contenders.hpp"
#include "tests/bench/findings.hpp"

namespace json = boost::json;
using namespace troupe::bench;

namespace {

struct Options {
  Setup setup;
  std::filesystem::path out = "build/bench";
  std::vector<std::string> only;
  std::size_t rounds = 5;
  std::filesystem::path render;
};

std::filesystem::path own_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

json::object describe_machine() {
  utsname system{};
  uname(&system);
  return {{"processor", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_bytes", static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE)},
          {"kernel", system.release}};
}

/// Keeps the groups, or single contenders, that `--only` names.
std::vector<Group> select(std::vector<Group> groups, const std::vector<std::string>& only) {
  if (only.empty()) return groups;
  std::vector<Group> selected;
  for (Group& group : groups) {
    const auto wanted = [&](const std::string& name) {
      return std::find(only.begin(), only.end(), name) != only.end();
    };
    if (!wanted(group.name)) {
      std::erase_if(group.contenders,
                    [&](const Contender& contender) { return !wanted(group.name + "/" + contender.name); });
    }
    if (!group.contenders.empty()) selected.push_back(std::move(group));
  }
  return selected;
}

std::vector<std::string> names_of(const std::vector<Group>& groups) {
  std::vector<std::string> names;
  for (const Group& group : groups) names.push_back(group.name);
  return names;
}

json::object raw_document(const Measurements& measurements, const std::vector<std::string>& groups) {
  json::array series;
  for (const Series& one : measurements.series)
    series.push_back({{"key", one.key}, {"unit", one.unit}, {"rounds", json::value_from(one.rounds)}});
  return {{"machine", describe_machine()},
          {"groups", json::value_from(groups)},
          {"series", std::move(series)},
          {"skipped", json::value_from(measurements.skipped)},
          {"failures", json::value_from(measurements.failures)}};
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text << '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// One element of the list a line, so that two runs can be compared by eye.
std::string serialize_lines(const json::array& list) {
  std::string text = "[";
  for (const json::value& element : list) text += (text.size() > 1 ? ",\n " : "\n ") + json::serialize(element);
  return text + "\n]";
}

/// Prints the table of an earlier run as Markdown, for a document.
int render(const std::filesystem::path& raw_file) {
  std::ifstream file(raw_file);
  const json::value raw = json::parse(std::string(std::istreambuf_iterator<char>{file}, {}));
  Measurements measurements;
  for (const json::value& series : raw.at("series").as_array()) {
    measurements.series.push_back({std::string(series.at("key").as_string()),
                                   std::string(series.at("unit").as_string()),
                                   json::value_to<std::vector<double>>(series.at("rounds"))});
  }
  const json::object& machine = raw.at("machine").as_object();
  std::cout << "Machine: " << machine.at("processor").as_string().c_str() << ", " << machine.at("cores")
            << " cores, Linux " << machine.at("kernel").as_string().c_str() << ".\n\n"
            << format_table(
                   judge(report_rows(), json::value_to<std::vector<std::string>>(raw.at("groups")), measurements),
                   TableStyle::markdown);
  return 0;
}

int measure(const Options& options) {
  const std::vector<Group> groups = select(make_groups(options.setup), options.only);
  if (groups.empty()) {
    std::cerr << "nothing is called that; groups: ask, fair, remote, memory, supervise, get, orders, durable, recover, "
                 "start; or group/contender\n";
    return 2;
  }
  std::filesystem::remove_all(options.setup.scratch);
  std::filesystem::create_directories(options.setup.scratch);
  std::cerr << "machine: " << json::serialize(describe_machine()) << '\n';
  const Measurements measurements = run_rounds(groups, options.rounds, std::cerr);
  std::filesystem::remove_all(options.setup.scratch);

  const std::vector<Finding> findings = judge(report_rows(), names_of(groups), measurements);
  write_file(options.out / "results.json", serialize_lines(to_json(findings)));
  write_file(options.out / "raw.json", json::serialize(raw_document(measurements, names_of(groups))));
  std::cout << format_table(findings, TableStyle::terminal);
  if (!measurements.skipped.empty()) std::cerr << "`./dev bench --peers` installs the peers that were skipped\n";
  for (const std::string& failure : measurements.failures) std::cerr << "failed: " << failure << '\n';
  return measurements.failures.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.setup.programs = own_folder();
  options.setup.peers = "tests/bench/peers";
  options.setup.node_modules = "build/bench/peers/node_modules";
  bool quick = false;
  CLI::App app("Measures Troupe beside its peers. Exit code 0: measured, whatever the targets say; 1: a run failed.");
  app.add_option("--only", options.only, "a group (get) or a contender (get/nginx); may be repeated");
  const CLI::Option* rounds =
      app.add_option("--rounds", options.rounds, "interleaved rounds, 5 by default")->check(CLI::PositiveNumber);
  app.add_flag("--quick", quick, "short and one round: shows that everything runs, its figures mean little");
  app.add_option("--out", options.out, "folder of results.json and raw.json, and of the data while it runs");
  app.add_option("--programs", options.setup.programs, "folder of the shop's binary and the benchmark programs");
  app.add_option("--peers-folder", options.setup.peers, "folder of the peers that are not C++");
  app.add_option("--node-modules", options.setup.node_modules, "where npm has put Moleculer");
  app.add_option("--render", options.render, "print the table of that raw.json as Markdown and measure nothing");
  CLI11_PARSE(app, argc, argv);

  if (quick) {
    if (rounds->count() == 0) options.rounds = 1;
    options.setup.warm_up = std::chrono::milliseconds(300);
    options.setup.measured = std::chrono::milliseconds(1'000);
    options.setup.calls = 100'000;
    options.setup.actors = 100'000;
  }
  options.setup.scratch = options.out / "scratch";
  try {
    return options.render.empty() ? measure(options) : render(options.render);
  } catch (const std::exception& error) {
    std::cerr << "troupe_bench: " << error.what() << '\n';
    return 1;
  }
}
