#include <troupe/testing/protocol_store.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::testing {

namespace {

class Rewriting final : public CommitRequest {
 public:
  void done() override { ended = true; }
  bool ended = false;
};

}  // namespace

bool ProtocolStore::forgive() {
  const auto left = std::exchange(script_.results, {});
  return std::ranges::any_of(left, [](const auto& result) { return result.has_value(); });
}

void ProtocolStore::release_commits() {
  script_.held = false;
  if (store_) store_->release();
}

std::optional<StoredState> ProtocolStore::find(const Key& key) const {
  auto found = storage::find_entity(file_, key);
  return found ? std::optional{std::move(found->state)} : std::nullopt;
}

std::vector<storage::StoredEntity> ProtocolStore::entities() const {
  std::vector<storage::StoredEntity> found;
  storage::each_entity(file_, [&found](const storage::StoredEntity& entity) { found.push_back(entity); });
  return found;
}

void ProtocolStore::rewrite(const Key& key, std::string body) {
  const auto before = find(key);
  if (!before || !store_) throw std::logic_error("there is nothing at rest of " + key.to_string());
  Rewriting commit;
  commit.key = key;
  commit.expected_version = before->version;
  commit.layout = before->layout;
  commit.state = CommitRequest::State::put;
  commit.body = std::move(body);
  store_->whole().commit(commit);
  run_until_([&commit] { return commit.ended; });
  if (commit.status != StoreStatus::done) throw std::runtime_error(commit.detail);
}

Store& ProtocolStore::open(std::unique_ptr<Store> store, loop::WorkerFactory& workers, std::filesystem::path file,
                           RunUntil run_until) {
  file_ = std::move(file);
  run_until_ = std::move(run_until);
  store_ = std::make_unique<detail::FaultyStore>(std::move(store), workers, script_);
  return *store_;
}

}  // namespace troupe::testing
