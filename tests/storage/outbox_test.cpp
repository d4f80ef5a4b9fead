#include <gtest/gtest.h>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

std::unique_ptr<Commit> sending(Key sender, std::uint64_t over, std::vector<std::uint64_t> sequences) {
  auto commit = put(std::move(sender), over, "1");
  for (const auto sequence : sequences) commit->sends.push_back(send_row(sequence));
  return commit;
}

TEST(Outbox, GivesBackWhatWasNotAcknowledgedWholeAndInOrder) {
  Opened store;
  EXPECT_TRUE(store->take_pending_sends().empty());
  ASSERT_EQ(run(*store, *sending(id_key(2), 0, {300, 7})), StoreStatus::done);
  ASSERT_EQ(run(*store, *sending(id_key(1), 0, {9})), StoreStatus::done);
  ASSERT_EQ(run(*store, *sending(Key("text"), 0, {1})), StoreStatus::done);
  store.reopen();
  const auto pending = store->take_pending_sends();
  ASSERT_EQ(pending.size(), 4u);
  EXPECT_EQ(pending[0].sender, id_key(1));
  EXPECT_EQ(pending[1].sender, id_key(2));
  EXPECT_EQ(pending[1].row.sequence, 7u);
  EXPECT_EQ(pending[2].row.sequence, 300u);
  EXPECT_EQ(pending[3].sender, Key("text"));

  const auto& row = pending[1].row;
  const auto sent = send_row(7);
  EXPECT_EQ(row.operation, sent.operation);
  EXPECT_EQ(row.protocol, sent.protocol);
  EXPECT_EQ(row.target, sent.target);
  EXPECT_EQ(row.message, sent.message);
  EXPECT_EQ(row.body, sent.body);
  EXPECT_EQ(row.principal, sent.principal);
  EXPECT_EQ(row.trace, sent.trace);
  EXPECT_EQ(row.at, sent.at);
  EXPECT_TRUE(store->take_pending_sends().empty()) << "they are given once";
}

TEST(Outbox, ForgetsAcknowledgedSendsWithoutAnotherCommit) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), 0, {1, 2, 3})), StoreStatus::done);
  store->acknowledge(id_key(1), 1);
  store->acknowledge(id_key(1), 3);
  store.reopen();
  const auto pending = store->take_pending_sends();
  ASSERT_EQ(pending.size(), 1u);
  EXPECT_EQ(pending[0].row.sequence, 2u);
}

TEST(Outbox, ForgetsAcknowledgedSendsTogetherWithCommits) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), 0, {1, 2, 3})), StoreStatus::done);
  auto& workers = store.use_manual_workers();
  store->acknowledge(id_key(1), 2);
  auto commit = put(id_key(2), 0, "1");
  store->commit(*commit);
  workers.run();
  EXPECT_EQ(commit->status, StoreStatus::done);
  store.reopen();
  EXPECT_EQ(store->take_pending_sends().size(), 2u);
}

TEST(Outbox, KeepsAcknowledgementsThatRodeWithARefusedMember) {
  Opened store;
  auto first = sending(id_key(1), 0, {1, 2});
  first->inbox = {{uuid(1), "1", Time{}}};
  ASSERT_EQ(run(*store, *first), StoreStatus::done);
  auto& workers = store.use_manual_workers();
  auto broken = put(id_key(1), 1, "1");
  broken->inbox = {{uuid(1), "twice", Time{}}};
  store->acknowledge(id_key(1), 1);
  store->commit(*broken);
  workers.run();
  EXPECT_EQ(broken->status, StoreStatus::unavailable);
  store.reopen();
  EXPECT_EQ(store->take_pending_sends().size(), 1u);
}

TEST(Outbox, RefusesASequenceThatIsTakenTogetherWithItsWholeTurn) {
  Opened store;
  ASSERT_EQ(run(*store, *sending(id_key(1), 0, {1})), StoreStatus::done);
  EXPECT_EQ(run(*store, *sending(id_key(1), 1, {1})), StoreStatus::unavailable);
  EXPECT_EQ(load(*store, id_key(1)).version, 1u);
}

}  // namespace
}  // namespace troupe::storage::test
