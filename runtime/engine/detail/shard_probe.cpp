#include <troupe/engine/detail/shard_probe.hpp>

#include <utility>

#include <troupe/engine/host.hpp>
#include <troupe/engine/shard.hpp>

namespace troupe::engine {

ShardProbe::~ShardProbe() {
  if (then_) answer(StoreStatus::unavailable, "its actor has ended with the question unanswered");
}

void ShardProbe::reach(std::shared_ptr<ShardProbe> probe, const Shard& shard) {
  if (shard.phase() != Shard::Phase::running)
    return probe->answer(StoreStatus::unavailable, std::string(Shard::stopped_text));
  Store* const store = shard.host().store();
  if (!store) return probe->answer(StoreStatus::done, {});
  probe->writes_to_ = store;
  read(std::move(probe), *store);
}

void ShardProbe::read(std::shared_ptr<ShardProbe> probe, Store& store) {
  // An operation that nobody has: it is looked for, and not found.
  ShardProbe& asked = *probe;
  asked.key = Key("probe");
  asked.operation = Uuid{};
  asked.at_store_ = std::move(probe);
  store.load(asked);
}

void ShardProbe::answer(StoreStatus how, std::string trouble) {
  home_.call([then = std::exchange(then_, nullptr), how, trouble = std::move(trouble)]() mutable {
    then(how, std::move(trouble));
  });
}

void ShardProbe::done() {
  if (status == StoreStatus::done && writes_to_) return writes_to_->move(write_);
  const auto self = std::move(at_store_);
  answer(status, status == StoreStatus::done ? std::string() : "its storage can't be read: " + detail);
}

void ShardProbe::Write::done() {
  const auto self = std::move(probe.at_store_);
  // Why a store takes no commits, it tells itself; that it answers is what was asked.
  self->answer(StoreStatus::done, {});
}

}  // namespace troupe::engine
