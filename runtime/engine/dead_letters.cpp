#include <troupe/engine/dead_letters.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include <troupe/contract/operation_age.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::engine {

namespace {

Rejected not_found(const DeadLetterId& id) {
  return {"not_found", "there is no dead letter " + to_text(id) + " on this node"};
}

/// Nothing where the store has done what it was asked.
std::optional<Failure> failure_of(StoreStatus status, const std::string& detail) {
  if (status == StoreStatus::done) return std::nullopt;
  if (status == StoreStatus::unknown) return Failure::unknown(failure_code::commit_unknown, detail);
  return Failure::not_executed(refusal_code(status), detail);
}

/// A request to a store that comes back to its loop and ends there, with what follows.
template <class Request>
class Returning : public Request {
 public:
  explicit Returning(loop::Loop& loop) : loop_(loop) {}
  virtual ~Returning() = default;

  void done() final {
    loop_.post({[](void* request, std::uint64_t) {
                  const std::unique_ptr<Returning> self(static_cast<Returning*>(request));
                  self->returned();
                },
                this, 0, [](void* request) { delete static_cast<Returning*>(request); }});
  }

 private:
  virtual void returned() = 0;

  loop::Loop& loop_;
};

class Search final : public Returning<QueryRequest> {
 public:
  Search(loop::Loop& loop, DeadLetterId id, DeadLetters::Then<DeadLetter> then)
      : Returning(loop), id_(std::move(id)), then_(std::move(then)) {}

  void read(Snapshot& snapshot) override {
    snapshot.dead_letters({.operation = id_.operation, .after = {}}, [this](const DeadLetter& letter) {
      found_ = letter;
      return false;
    });
  }

 private:
  void returned() override {
    if (auto failure = failure_of(status, detail)) return then_(std::move(*failure));
    if (!found_) return then_(not_found(id_));
    then_(std::move(*found_));
  }

  const DeadLetterId id_;
  const DeadLetters::Then<DeadLetter> then_;
  std::optional<DeadLetter> found_;
};

/// Goes through the hosts, store by store, until the page is full.
class Listing final : public Returning<QueryRequest> {
 public:
  using Hosts = std::vector<Host*>;

  Listing(loop::Loop& loop, std::optional<DeadLetterId> after, std::size_t limit,
          DeadLetters::Then<DeadLetterPage> then)
      : Returning(loop), loop_(loop), after_(std::move(after)), limit_(limit), then_(std::move(then)) {}

  /// `hosts`: in the order of their names.
  static void go_on(std::unique_ptr<Listing> listing, Hosts hosts) {
    if (hosts.empty()) return listing->then_(std::move(listing->page_));
    listing->host_ = hosts.front();
    hosts.erase(hosts.begin());
    listing->hosts_ = std::move(hosts);
    Store& store = *listing->host_->store();
    store.query(*listing.release());
  }

  void read(Snapshot& snapshot) override {
    DeadLetterScan scan;
    if (after_ && after_->protocol == host_->name()) scan.after = after_->operation;
    snapshot.dead_letters(scan, [this](const DeadLetter& letter) {
      if (page_.letters.size() == limit_) {
        const auto& last = page_.letters.back();
        page_.next = {last.protocol, last.letter.send.operation};
        return false;
      }
      page_.letters.push_back({std::string(host_->name()), letter});
      return true;
    });
  }

 private:
  void returned() override {
    if (auto failure = failure_of(status, detail)) return then_(std::move(*failure));
    if (page_.next) return then_(std::move(page_));
    auto rest = std::make_unique<Listing>(loop_, std::move(after_), limit_, std::move(then_));
    rest->page_ = std::move(page_);
    go_on(std::move(rest), std::move(hosts_));
  }

  loop::Loop& loop_;
  std::optional<DeadLetterId> after_;
  const std::size_t limit_;
  DeadLetters::Then<DeadLetterPage> then_;
  DeadLetterPage page_;
  Host* host_ = nullptr;
  Hosts hosts_;
};

class Moving final : public Returning<DeadLetterMove> {
 public:
  Moving(Engine& engine, Host& host, loop::Loop& loop, DeadLetterId id, Action action,
         DeadLetters::Then<DeadLetter> then)
      : Returning(loop), engine_(engine), host_(host), id_(std::move(id)), then_(std::move(then)) {
    this->action = action;
    letter.send.operation = id_.operation;
  }

 private:
  void returned() override {
    if (auto failure = failure_of(status, detail)) return then_(std::move(*failure));
    if (!found) return then_(not_found(id_));
    if (action == Action::revive) engine_.redeliver(host_, {letter.sender, letter.send});
    then_(std::move(letter));
  }

  Engine& engine_;
  Host& host_;
  const DeadLetterId id_;
  const DeadLetters::Then<DeadLetter> then_;
};

/// Null: this node keeps nothing of the protocol.
Host* keeper_of(const Engine& engine, const DeadLetterId& id) {
  Host* host = engine.find_host(id.protocol);
  return host && host->store() ? host : nullptr;
}

}  // namespace

void DeadLetters::list(loop::Loop& loop, std::optional<DeadLetterId> after, std::size_t limit,
                       Then<DeadLetterPage> then) {
  Listing::Hosts hosts;
  for (const auto& host : engine_.hosts()) {
    const bool is_left = !after || host->name() >= after->protocol;
    if (host->store() && is_left) hosts.push_back(host.get());
  }
  std::ranges::sort(hosts, {}, [](const Host* host) { return host->name(); });
  Listing::go_on(std::make_unique<Listing>(loop, std::move(after), std::max<std::size_t>(limit, 1), std::move(then)),
                 std::move(hosts));
}

void DeadLetters::find(loop::Loop& loop, const DeadLetterId& id, Then<DeadLetter> then) {
  Host* host = keeper_of(engine_, id);
  if (!host) return then(not_found(id));
  host->store()->query(*std::make_unique<Search>(loop, id, std::move(then)).release());
}

void DeadLetters::retry(loop::Loop& loop, const DeadLetterId& id, Then<DeadLetter> then) {
  find(loop, id, [this, &loop, id, then = std::move(then)](Outcome<DeadLetter> found) {
    if (!found) return then(std::move(found));
    if (may_be_forgotten(id.operation, loop.wall_time())) {
      return then(Rejected{"operation_forgotten", to_text(id) + " was sent at " + troupe::to_text(found->send.at) +
                                                      ": its receiver may have done it and forgotten since, for "
                                                      "operations are remembered for 30 days; it can only be dropped"});
    }
    move(loop, id, DeadLetterMove::Action::revive, then);
  });
}

void DeadLetters::drop(loop::Loop& loop, const DeadLetterId& id, Then<DeadLetter> then) {
  move(loop, id, DeadLetterMove::Action::drop, std::move(then));
}

void DeadLetters::move(loop::Loop& loop, const DeadLetterId& id, DeadLetterMove::Action action, Then<DeadLetter> then) {
  Host* host = keeper_of(engine_, id);
  if (!host) return then(not_found(id));
  host->store()->move(*std::make_unique<Moving>(engine_, *host, loop, id, action, std::move(then)).release());
}

}  // namespace troupe::engine
