// Measures group commits: storage_bench [commits in flight] [seconds] [new|hot]
// or a node's opening: storage_bench open [databases]
//
// `hot`: 200 entities are committed again and again with one changed table item, as products are by orders; `new`:
// every commit writes a new entity with an inbox row, as placing an order does. CPU is the whole process's, the
// clients' (this thread's) included.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using Clock = std::chrono::steady_clock;

class Finished {
 public:
  void add(std::size_t client) {
    std::lock_guard lock(mutex_);
    clients_.push_back(client);
    if (clients_.size() == 1) wake_.notify_one();
  }
  std::vector<std::size_t> take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !clients_.empty(); });
    return std::exchange(clients_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::size_t> clients_;
};

struct Client final : CommitRequest {
  Finished* finished = nullptr;
  std::size_t number = 0;
  Clock::time_point begun;

  void done() override { finished->add(number); }
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Workload {
  std::string kind;
  std::uint64_t next = 0;
  std::vector<std::uint64_t> versions = std::vector<std::uint64_t>(200);

  std::size_t entity_of(const Client& client) const { return client.number % versions.size(); }

  void prepare(Client& client) {
    ++next;
    client.state = CommitRequest::State::put;
    client.body.assign(250, static_cast<char>('a' + next % 26));
    if (kind == "hot") {
      client.key = id_key(entity_of(client));
      client.expected_version = versions[entity_of(client)];
      client.tables.resize(1);
      client.tables[0].item = to_text(uuid(next));
      client.tables[0].body = R"({"quantity":3,"revision":1,"placed":"2026-11-21T03:24:41.007Z"})";
    } else {
      client.key = id_key(1'000'000 + next);
      client.expected_version = 0;
      client.inbox.resize(1);
      client.inbox[0].operation = uuid(next);
      client.inbox[0].reply.assign(250, 'r');
    }
  }
  void note(const Client& client) {
    if (kind == "hot") ++versions[entity_of(client)];
  }
};

int run_bench(std::size_t in_flight, int seconds, const std::string& kind) {
  Opened store;
  Finished finished;
  Workload workload;
  workload.kind = kind;
  if (kind == "hot") in_flight = std::min(in_flight, workload.versions.size());
  std::vector<Client> clients(in_flight);
  std::vector<double> latencies;
  const double cpu_before = cpu_seconds();
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(seconds);
  const auto begin_commit = [&](Client& client) {
    workload.prepare(client);
    client.begun = Clock::now();
    store->commit(client);
  };
  for (std::size_t i = 0; i < in_flight; ++i) {
    clients[i].finished = &finished;
    clients[i].number = i;
    begin_commit(clients[i]);
  }
  std::size_t running = in_flight;
  while (running > 0) {
    for (const auto number : finished.take()) {
      auto& client = clients[number];
      if (client.status != StoreStatus::done) return std::fprintf(stderr, "%s\n", client.detail.c_str()), 1;
      workload.note(client);
      latencies.push_back(std::chrono::duration<double, std::milli>(Clock::now() - client.begun).count());
      Clock::now() < end ? begin_commit(client) : void(--running);
    }
  }
  const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  const double cpu = cpu_seconds() - cpu_before;
  std::sort(latencies.begin(), latencies.end());
  const auto n = static_cast<double>(latencies.size());
  std::printf(
      "%s, %zu in flight: %.0f commits/s, %.2f us CPU each, p50 %.2f ms, p99 %.2f ms, max %.2f ms, log %ju KiB\n",
      kind.c_str(), in_flight, n / elapsed, cpu / n * 1e6, latencies[latencies.size() / 2],
      latencies[latencies.size() * 99 / 100], latencies.back(),
      static_cast<std::uintmax_t>(std::filesystem::file_size(store.file().string() + "-wal") / 1024));
  return 0;
}

std::size_t resident_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != "VmRSS:") {
  }
  std::size_t kib = 0;
  status >> kib;
  return kib;
}

/// Opens a node's databases on an empty folder, then again.
int run_opening(std::size_t databases) {
  const TempFolder folder;
  const auto workers = loop::thread_workers();
  for (const char* what : {"empty folder", "closed files"}) {
    const auto resident = resident_kib();
    const auto start = Clock::now();
    DataFolder data(folder.path(), "main");
    data.get_or_create("token_key", [] { return std::vector<std::byte>(32); });
    SqliteStoreFactory factory(data, *workers, {.fatal = [](const std::string&) { std::abort(); }});
    std::vector<std::unique_ptr<Store>> stores;
    for (std::size_t i = 0; i < databases; ++i) {
      auto declaration = thing({{"name", IndexDeclaration::Type::text}, {"user", IndexDeclaration::Type::blob}});
      declaration.protocol += std::to_string(i);
      stores.push_back(factory.open(declaration));
    }
    const auto elapsed = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    std::printf("opening %zu databases, %s: %.1f ms, %zu KiB resident more\n", databases, what, elapsed,
                resident_kib() - resident);
    for (auto& store : stores) {
      run(*store, *put(id_key(1), load(*store, id_key(1)).version, "1"));
    }
    std::printf("  after one load and commit each: %zu KiB resident more\n", resident_kib() - resident);
  }
  return 0;
}

}  // namespace
}  // namespace troupe::storage::test

int main(int argc, char** argv) {
  ::setenv("TMPDIR", ".", 0);  // a real disk, and the one that is asked for
  if (argc > 1 && std::string_view(argv[1]) == "open") {
    return troupe::storage::test::run_opening(argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 12);
  }
  const auto in_flight = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 64;
  return troupe::storage::test::run_bench(in_flight, argc > 2 ? std::atoi(argv[2]) : 5, argc > 3 ? argv[3] : "hot");
}
