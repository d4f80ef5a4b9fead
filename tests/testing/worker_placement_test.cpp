// Workers of whole applications: where they live, and who reaches them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/actor.hpp>
#include <troupe/gateway/routes.hpp>
#include <troupe/testing/cluster.hpp>
#include <troupe/testing/equivalence.hpp>

namespace troupe::testing::tickets {
namespace {

struct Number {
  std::uint32_t number = 0;
};

/// A machine that hands out numbers, as many as there are in its life.
namespace machine {

struct Draw {
  using Is = Once<Number>;
};
struct Api : Protocol<"machine", Draw> {};

template <OnePer one_per>
class Machine : public Worker<Api> {
 public:
  static constexpr WorkerSpec spec{.name = "machine", .one_per = one_per};
  Task<Number> on(Draw) { co_return Number{++last_}; }

 private:
  std::uint32_t last_ = 0;
};

}  // namespace machine

/// Reply: the number of the ticket, drawn for it.
struct Draw {
  using Is = Keyed<Number>;
};
struct Api : Protocol<"ticket", Draw> {};

class Ticket : public Entity<Api, Number, Asks<machine::Api>> {
 public:
  Task<Number> on(Draw) {
    const Number number = co_await worker<machine::Api>().ask<machine::Draw>();
    edit() = number;
    co_return number;
  }
};

template <OnePer one_per>
struct Declaration {
  using Entities = troupe::Entities<Ticket>;
  using Workers = troupe::Workers<machine::Machine<one_per>>;
  static void routes(gateway::Routes& r) { r.post<Api, Draw>("/tickets/{id}/number").says("Draws a ticket's number"); }
};

/// The numbers of so many tickets, spread over the nodes of the placement.
template <OnePer one_per>
std::vector<std::string> numbers(const std::string& placement, std::uint64_t tickets) {
  node::Application application("tickets", "test");
  application.add<Declaration<one_per>>();
  Cluster cluster(application, {.placement = placement});
  std::vector<std::string> numbers;
  for (std::uint64_t i = 1; i <= tickets; ++i) {
    const std::string path = "/tickets/" + to_text(Uuid{i, i}) + "/number";
    numbers.push_back(cluster.exchange({{"POST", path, "", {}}}).at(0).body);
  }
  EXPECT_THAT(cluster.reports(), ::testing::IsEmpty());
  return numbers;
}

std::string body_of(std::uint64_t number) { return R"({"number":)" + std::to_string(number) + "}"; }

TEST(AWorkerOfATopology, IsOneForAllNodes) {
  std::vector<std::string> one_to_nine;
  for (std::uint64_t i = 1; i <= 9; ++i) one_to_nine.push_back(body_of(i));
  for (const auto* placement : {"gateway", "gateway | ticket", "gateway | ticket*3"}) {
    EXPECT_EQ(numbers<OnePer::topology>(placement, 9), one_to_nine) << placement;
  }
}

TEST(AWorkerOfANode, ServesItsOwnNode) {
  const auto drawn = numbers<OnePer::node>("gateway | ticket*3", 9);
  EXPECT_EQ(std::ranges::count(drawn, body_of(1)), 3) << "three machines begin at one";
}

}  // namespace
}  // namespace troupe::testing::tickets
