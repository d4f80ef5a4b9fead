#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/storage/sqlite/detail/database/store_schema.hpp>
#include <troupe/storage/stored_entity.hpp>
#include "tests/storage/faulty_disk.hpp"
#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Action = DeadLetterMove::Action;

const Time death{std::chrono::milliseconds(1'700'000'555'777)};

std::unique_ptr<Commit> sending(Key sender, std::vector<std::uint64_t> sequences) {
  auto commit = put(std::move(sender), 0, "1");
  for (const auto sequence : sequences) commit->sends.push_back(send_row(sequence));
  return commit;
}

std::unique_ptr<LetterMove> burial(Key sender, std::uint64_t sequence) {
  auto move = std::make_unique<LetterMove>();
  move->letter = {std::move(sender), {}, 5, "the actor failed on Cancel", death};
  move->letter.send.sequence = sequence;
  return move;
}

std::unique_ptr<LetterMove> move_of(Action action, Uuid operation) {
  auto move = std::make_unique<LetterMove>();
  move->action = action;
  move->letter.send.operation = operation;
  return move;
}

void bury(Store& store, const Key& sender, std::uint64_t sequence) {
  const auto move = burial(sender, sequence);
  ASSERT_EQ(run(store, *move), StoreStatus::done) << move->detail;
  ASSERT_TRUE(move->found);
}

std::vector<DeadLetter> letters(Store& store, const DeadLetterScan& scan = {}, std::size_t limit = SIZE_MAX) {
  std::vector<DeadLetter> found;
  Query query([&](Snapshot& snapshot) {
    snapshot.dead_letters(scan, [&](const DeadLetter& letter) {
      found.push_back(letter);
      return found.size() < limit;
    });
  });
  store.query(query);
  query.wait();
  EXPECT_EQ(query.status, StoreStatus::done) << query.detail;
  return found;
}

std::vector<Uuid> operations(const std::vector<DeadLetter>& letters) {
  std::vector<Uuid> operations;
  for (const auto& letter : letters) operations.push_back(letter.send.operation);
  return operations;
}

void expect_as_sent(const OutboxRow& row, const OutboxRow& sent) {
  EXPECT_EQ(row.sequence, sent.sequence);
  EXPECT_EQ(row.operation, sent.operation);
  EXPECT_EQ(row.protocol, sent.protocol);
  EXPECT_EQ(row.target, sent.target);
  EXPECT_EQ(row.message, sent.message);
  EXPECT_EQ(row.body, sent.body);
  EXPECT_EQ(row.principal, sent.principal);
  EXPECT_EQ(row.trace, sent.trace);
  EXPECT_EQ(row.at, sent.at);
}

std::vector<std::uint64_t> sequences(const std::vector<PendingSend>& sends) {
  std::vector<std::uint64_t> sequences;
  for (const auto& send : sends) sequences.push_back(send.row.sequence);
  return sequences;
}

TEST(DeadLetters, LeaveTheOutboxWholeAndOutliveTheProcess) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), {7, 8, 9})), StoreStatus::done);
  bury(*store, id_key(1), 8);
  EXPECT_EQ(store->dead_letters(), 1u);
  store.reopen();
  EXPECT_EQ(store->dead_letters(), 1u);
  EXPECT_THAT(sequences(store->take_pending_sends()), ElementsAre(7, 9));
  const auto found = letters(*store, {.operation = send_row(8).operation, .after = {}});
  ASSERT_EQ(found.size(), 1u);
  expect_as_sent(found[0].send, send_row(8));
  EXPECT_EQ(found[0].sender, id_key(1));
  EXPECT_EQ(found[0].attempts, 5u);
  EXPECT_EQ(found[0].reason, "the actor failed on Cancel");
  EXPECT_EQ(found[0].died_at, death);
}

TEST(DeadLetters, GoBackToTheirPlaceInTheOutboxAsTheyWere) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), {7, 8, 9})), StoreStatus::done);
  bury(*store, id_key(1), 8);
  const auto move = move_of(Action::revive, send_row(8).operation);
  ASSERT_EQ(run(*store, *move), StoreStatus::done);
  EXPECT_TRUE(move->found);
  EXPECT_EQ(move->letter.sender, id_key(1));
  expect_as_sent(move->letter.send, send_row(8));
  EXPECT_EQ(store->dead_letters(), 0u);
  store.reopen();
  const auto pending = store->take_pending_sends();
  EXPECT_THAT(sequences(pending), ElementsAre(7, 8, 9));
  expect_as_sent(pending.at(1).row, send_row(8));
}

TEST(DeadLetters, AreDroppedForGood) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), {7, 8})), StoreStatus::done);
  bury(*store, id_key(1), 7);
  bury(*store, id_key(1), 8);
  const auto move = move_of(Action::drop, send_row(7).operation);
  ASSERT_EQ(run(*store, *move), StoreStatus::done);
  EXPECT_EQ(move->letter.send.body, send_row(7).body) << "it tells what is gone";
  store.reopen();
  EXPECT_THAT(operations(letters(*store)), ElementsAre(send_row(8).operation));
  EXPECT_TRUE(store->take_pending_sends().empty());
}

TEST(DeadLetters, AreMovedOnceHoweverOftenItIsAskedFor) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), {7})), StoreStatus::done);
  bury(*store, id_key(1), 7);
  const auto again = burial(id_key(1), 7);
  EXPECT_EQ(run(*store, *again), StoreStatus::done);
  EXPECT_FALSE(again->found);
  EXPECT_EQ(store->dead_letters(), 1u);
  for (const bool there : {true, false}) {
    const auto move = move_of(Action::revive, send_row(7).operation);
    EXPECT_EQ(run(*store, *move), StoreStatus::done);
    EXPECT_EQ(move->found, there);
  }
  const auto gone = move_of(Action::drop, send_row(7).operation);
  EXPECT_EQ(run(*store, *gone), StoreStatus::done);
  EXPECT_FALSE(gone->found) << "it is on its way again, not dead";
  EXPECT_EQ(store->dead_letters(), 0u);
}

TEST(DeadLetters, AreListedByTheTimeOfTheSendPageByPageWithoutBodies) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(2), {3, 1})), StoreStatus::done);
  ASSERT_EQ(run(*store, *sending(id_key(1), {2, 4})), StoreStatus::done);
  for (const std::uint64_t sequence : {1u, 3u}) bury(*store, id_key(2), sequence);
  for (const std::uint64_t sequence : {4u, 2u}) bury(*store, id_key(1), sequence);
  const auto page = letters(*store, {}, 3);
  EXPECT_THAT(operations(page), ElementsAre(send_row(1).operation, send_row(2).operation, send_row(3).operation));
  EXPECT_EQ(page[0].send.body, "");
  EXPECT_EQ(page[0].send.message, "Cancel");
  const auto rest = letters(*store, {.operation = {}, .after = page.back().send.operation});
  EXPECT_THAT(operations(rest), ElementsAre(send_row(4).operation));
}

TEST(DeadLetters, KeepTheRowOfTheirErasedSenderSoThatItsSequenceGoesOn) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), {1})), StoreStatus::done);
  bury(*store, id_key(1), 1);
  auto erasure = put(id_key(1), 1, "");
  erasure->state = CommitRequest::State::erase;
  ASSERT_EQ(run(*store, *erasure), StoreStatus::done);
  EXPECT_FALSE(erasure->row_is_gone);
  EXPECT_EQ(load(*store, id_key(1)).version, 2u);
  ASSERT_EQ(run(*store, *move_of(Action::drop, send_row(1).operation)), StoreStatus::done);
  auto again = put(id_key(1), 2, "");
  again->state = CommitRequest::State::erase;
  ASSERT_EQ(run(*store, *again), StoreStatus::done);
  EXPECT_TRUE(again->row_is_gone);
}

TEST(DeadLetters, AreBuriedInOneTransactionWithTurnsThatMayFailBesideThem) {
  Opened store;
  auto first = sending(id_key(1), {1, 2});
  first->inbox = {{uuid(1), "1", Time{}}};
  ASSERT_EQ(run(*store, *first), StoreStatus::done);
  auto& workers = store.use_manual_workers();
  auto refused = put(id_key(1), 1, "1");
  refused->inbox = {{uuid(1), "twice", Time{}}};
  const auto move = burial(id_key(1), 2);
  auto served = put(id_key(2), 0, "1");
  store->commit(*refused);
  store->move(*move);
  store->commit(*served);
  workers.run();
  EXPECT_EQ(refused->status, StoreStatus::unavailable);
  EXPECT_EQ(move->status, StoreStatus::done);
  EXPECT_EQ(served->status, StoreStatus::done);
  EXPECT_EQ(store->dead_letters(), 1u);
}

TEST(DeadLetters, StayWhereTheyWereWhenTheDiskIsFull) {
  FaultyDisk disk;
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), {1})), StoreStatus::done);
  disk.fail({.operation = FaultyDisk::Operation::write, .code = SQLITE_FULL, .suffix = "-wal"});
  const auto refused = burial(id_key(1), 1);
  EXPECT_EQ(run(*store, *refused), StoreStatus::full);
  EXPECT_EQ(store->dead_letters(), 0u);
  disk.heal();
  bury(*store, id_key(1), 1);
  EXPECT_EQ(store->dead_letters(), 1u);
}

TEST(DeadLetters, AreShownWithTheirSender) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), {3, 4})), StoreStatus::done);
  bury(*store, id_key(1), 3);
  EXPECT_THAT(entity_json(find_entity(store.file(), id_key(1)).value()),
              HasSubstr(R"("dead_letters":[{"sequence":3,"protocol":"order","target":"{u-7}/x","message":"Cancel",)"
                        R"("body":{"reason":"gone"},"attempts":5,"reason":"the actor failed on Cancel"}])"));
}

/// A file as the version before dead letters left it.
void write_old_file(const std::filesystem::path& file) {
  const sqlite::Schema before{sqlite::store_schema().application_id, sqlite::store_schema().migrations.first(1)};
  auto opened = sqlite::open_file(file, before, [](sqlite::Connection&) {});
  const std::string key = "x'01" + std::string(31, '0') + "1'";
  opened.connection.execute("INSERT INTO entity VALUES (" + key + ", 4, 1, '{\"a\":1}');" +
                            "INSERT INTO outbox VALUES (" + key + ", 9, x'" + std::string(31, '0') + "5', 'order', " +
                            key + ", 'Cancel', '{}', 0, x'" + std::string(32, '0') + "', '', '', 12)");
  opened.connection.execute("UPDATE meta SET value = 1 WHERE name = 'state_layout'");
}

TEST(AFileWithoutATableForDeadLetters, GetsOneWhenAStoreOpensItAndLosesNothing) {
  Opened store;
  store.close();
  std::filesystem::remove(store.file());
  write_old_file(store.file());
  store.reopen();
  const Key sender(Uuid{0, 1});
  EXPECT_EQ(load(*store, sender).body, "{\"a\":1}");
  EXPECT_EQ(load(*store, sender).version, 4u);
  EXPECT_EQ(store->dead_letters(), 0u);
  EXPECT_THAT(sequences(store->take_pending_sends()), ElementsAre(9));
  bury(*store, sender, 9);
  store.reopen();
  EXPECT_EQ(store->dead_letters(), 1u);
}

TEST(AFileWithoutATableForDeadLetters, CanBeLookedInto) {
  const TempFolder folder;
  const auto file = folder.path() / "thing.db";
  write_old_file(file);
  const auto entity = find_entity(file, Key(Uuid{0, 1}));
  ASSERT_TRUE(entity);
  EXPECT_EQ(entity->sends.size(), 1u);
  EXPECT_THAT(entity_json(*entity), HasSubstr(R"("dead_letters":[])"));
}

}  // namespace
}  // namespace troupe::storage::test
