#include <troupe/engine/workers/workers.hpp>

#include <limits>
#include <stdexcept>
#include <utility>

#include <troupe/engine/host.hpp>
#include <troupe/engine/workers/worker_life.hpp>
#include <troupe/engine/workers/worker_mailbox.hpp>

namespace troupe::engine {

namespace {

supervision::Restart to_supervision(Restart restart) {
  switch (restart) {
    case Restart::permanent:
      return supervision::Restart::permanent;
    case Restart::transient:
      return supervision::Restart::transient;
    case Restart::temporary:
      break;
  }
  return supervision::Restart::temporary;
}

}  // namespace

Workers::Workers(Engine& engine, std::string node) : engine_(engine), node_(std::move(node)) {}
Workers::~Workers() = default;

const Host& Workers::beside(const WorkerType& type) const {
  if (const Host* host = engine_.find_host(type.beside->name)) return *host;
  throw std::logic_error("the worker " + type.name + " stands beside the protocol " + std::string(type.beside->name) +
                         ", which the engine does not know");
}

HostOptions Workers::options_of(const WorkerType& type) const {
  HostOptions options;
  options.shards = 1;
  options.turns = type.turns;
  // Its supervisor counts its crashes.
  options.crash_loop.crashes = std::numeric_limits<std::uint32_t>::max();
  const auto& owners = beside(type).options().owners;
  if (type.one_per == OnePer::topology && !owners.empty()) options.owners.push_back(owners.front());
  return options;
}

void Workers::add(const std::string& domain, WorkerType type) {
  const Host& host = beside(type);
  const bool lives_here = type.one_per == OnePer::node ? host.owns_any() : host.shards().front() != nullptr;
  if (!lives_here) {
    // Of one in all, other nodes know where it is.
    if (type.protocol && type.one_per == OnePer::topology) engine_.know(*type.protocol, options_of(type));
    return;
  }
  Caller& caller = engine_.caller(domain + "/workers/" + type.name);
  caller.bind_as(std::string(type.beside->name));
  caller.restrict_to(type.protocol, type.asks);
  loop::Loop& loop = engine_.loop(entries_.size() % engine_.loop_count());
  auto& entry = *entries_.emplace_back(
      std::make_unique<Entry>(Entry{std::move(type), std::make_shared<std::unique_ptr<WorkerBase>>(), loop, caller}));
  if (entry.type.handlers) entry.shard = &host_messages(domain, entry);
  WorkerPolicy policy;
  policy.restart = to_supervision(entry.type.restart);
  policy.shutdown = supervision::Shutdown::after(entry.type.stop_within);
  policy.start_timeout = entry.type.start_within;
  engine_.add_worker(
      domain, entry.type.name,
      LeafSpec{loop.index(), [this, &entry](loop::Loop&) { return std::make_unique<WorkerLife>(*this, entry); }},
      policy);
}

Shard& Workers::host_messages(const std::string& domain, Entry& entry) {
  HostOptions options = options_of(entry.type);
  options.first_loop = entry.loop.index();
  options.domain = domain;
  options.calls_as = entry.caller.name();
  options.worker_crashed = [&entry](std::string_view what) {
    if (entry.life) entry.life->crashed(what);
  };
  const Host& host = engine_.host(entry.type.handlers([slot = entry.slot]() -> WorkerBase& { return **slot; }), nullptr,
                                  std::move(options));
  Shard& shard = *host.shards().front();
  shard.set_mailbox(std::make_unique<WorkerMailbox>(shard));
  return shard;
}

template <class F>
void Workers::tell_each(F f) {
  for (const auto& entry : entries_) {
    entry->loop.call([&entry = *entry, f] {
      if (entry.life) f(*entry.life);
    });
  }
}

void Workers::begin() {
  phase_ = Phase::begun;
  tell_each([](WorkerLife& life) { life.begin(); });
}

void Workers::quiesce() {
  phase_ = Phase::quiet;
  tell_each([](WorkerLife& life) { life.quiesce(); });
}

}  // namespace troupe::engine
