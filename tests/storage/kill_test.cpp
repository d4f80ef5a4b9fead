#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "tests/process/forked_process.hpp"
#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

/// What the child tells of an acknowledged commit.
struct Acknowledged {
  std::uint64_t entity = 0;
  std::uint64_t version = 0;
};

/// Commits in groups without end and tells each acknowledged version through the pipe.
[[noreturn]] void commit_without_end(const std::filesystem::path& data, int pipe) {
  DataFolder folder(data, "main");
  const auto workers = loop::thread_workers();
  StoreLimits limits;
  limits.checkpoint_frames = 50;
  SqliteStoreFactory factory(folder, *workers, {.fatal = [](const std::string&) { ::_exit(2); }}, limits);
  auto store = factory.open(thing({{"version", IndexDeclaration::Type::integer}}));
  constexpr std::uint64_t entities = 40;
  std::array<std::uint64_t, entities> versions{};
  while (true) {
    std::vector<std::unique_ptr<Commit>> commits;
    for (std::uint64_t i = 0; i < entities; ++i) {
      auto commit = put(id_key(i), versions[i], std::to_string(versions[i] + 1));
      commit->tables = {{0, std::to_string(versions[i]), "1"}};
      if (versions[i] > 0) commit->tables.push_back({0, std::to_string(versions[i] - 1), std::nullopt});
      commit->sends = {send_row(versions[i])};
      const auto value = static_cast<std::int64_t>(versions[i]);
      commit->indexes = {{0, versions[i] > 0 ? std::optional(IndexValue(value)) : std::nullopt, IndexValue(value + 1)}};
      commit->inbox = {{Uuid{i + 1, versions[i] + 1}, "1", Time{}}};
      commits.push_back(std::move(commit));
    }
    run_all(*store, commits);
    for (std::uint64_t i = 0; i < entities; ++i) {
      if (commits[i]->status != StoreStatus::done) ::_exit(3);
      const Acknowledged told{i, ++versions[i]};
      if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(4);
    }
  }
}

/// Lets a child commit until it has acknowledged `count` commits, kills it, and gives the last version of each entity.
std::map<std::uint64_t, std::uint64_t> commit_and_kill(const std::filesystem::path& data, std::size_t count) {
  process::ForkedProcess child([&](int pipe) -> int { commit_without_end(data, pipe); });
  std::map<std::uint64_t, std::uint64_t> acknowledged;
  std::size_t seen = 0;
  while (const auto told = child.told<Acknowledged>()) {
    acknowledged[told->entity] = told->version;
    if (seen++ == count) child.kill();
  }
  const auto exit = child.wait();
  EXPECT_EQ(exit.signal, SIGKILL) << "the child ended by itself with " << exit.code;
  return acknowledged;
}

void expect_whole_turn(Store& store, std::uint64_t entity, std::uint64_t version) {
  const auto state = load(store, id_key(entity));
  EXPECT_EQ(state.version, version);
  EXPECT_EQ(state.body, std::to_string(version));
  ASSERT_EQ(state.rows.size(), 1u);
  EXPECT_EQ(state.rows[0].item, std::to_string(version - 1));
  EXPECT_TRUE(find_operation(store, id_key(entity), Uuid{entity + 1, version}));
  EXPECT_FALSE(find_operation(store, id_key(entity), Uuid{entity + 1, version + 1}));
}

TEST(Kill, LosesNoAcknowledgedCommitAndLeavesNoHalfOne) {
  for (const std::size_t count : {1u, 400u, 3000u}) {
    const TempFolder folder;
    const auto acknowledged = commit_and_kill(folder.path(), count);
    DataFolder data(folder.path(), "main");
    const auto workers = loop::thread_workers();
    SqliteStoreFactory factory(data, *workers, {.fatal = [](const std::string&) {}});
    auto store = factory.open(thing({{"version", IndexDeclaration::Type::integer}}));
    std::map<std::uint64_t, std::uint64_t> sends;
    for (const auto& pending : store->take_pending_sends()) ++sends[pending.sender.id().low];
    EXPECT_GE(acknowledged.size(), std::min<std::size_t>(count, 40));
    for (const auto& [entity, version] : acknowledged) {
      const auto recovered = load(*store, id_key(entity)).version;
      EXPECT_GE(recovered, version) << "entity " << entity;
      expect_whole_turn(*store, entity, recovered);
      EXPECT_EQ(sends[entity], recovered) << "entity " << entity;
      Scan scan;
      scan.index = 0;
      scan.equals = IndexValue(static_cast<std::int64_t>(recovered));
      EXPECT_EQ(std::ranges::count(scan_keys(*store, scan), id_key(entity)), 1);
    }
  }
}

}  // namespace
}  // namespace troupe::storage::test
