#include <troupe/engine/host.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <vector>

#include <troupe/engine/detail/exception_text.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/remote_entities.hpp>
#include <troupe/loop/throw_trace.hpp>

namespace troupe::engine {

namespace {

struct DirectoryQuery final : QueryRequest {
  Engine& engine;
  const EntityType::Handler& handler;
  EnvelopePtr envelope;
  loop::Loop& loop;
  PageTrace trace;                    ///< where nobody else wants one
  std::vector<std::uintptr_t> stack;  ///< where the handler threw: the report of it is made on another thread

  DirectoryQuery(Engine& engine, const EntityType::Handler& handler, EnvelopePtr envelope, loop::Loop& loop)
      : engine(engine), handler(handler), envelope(std::move(envelope)), loop(loop) {}

  PageTrace& traced() { return envelope->trace ? *envelope->trace : trace; }
  void read(Snapshot& snapshot) override {
    const loop::RecordThrows recording;
    snapshot.trace = &traced();
    try {
      handler.query(snapshot, *envelope);
    } catch (const std::exception&) {
      note_stack();
      throw;  // the store knows its own
    } catch (...) {
      note_stack();
      throw std::runtime_error(text_of(std::current_exception()));
    }
  }
  void note_stack() {
    const auto thrown = loop::stack_of(std::current_exception());
    stack.assign(thrown.begin(), thrown.end());
  }
  void done() override {
    loop.post({[](void* q, std::uint64_t) { static_cast<DirectoryQuery*>(q)->answer(); }, this, 0,
               [](void* q) { delete static_cast<DirectoryQuery*>(q); }});
  }
  void answer() {
    std::unique_ptr<DirectoryQuery> self(this);
    if (status != StoreStatus::done && !envelope->failure) {
      // Of a row or a handler that is broken: to ask again, or to keep other calls away, would not help.
      const bool broken = status == StoreStatus::corrupt;
      envelope->failure = std::make_unique<Failure>(
          Failure::not_executed(broken ? failure_code::actor_crashed : refusal_code(status), std::move(detail)));
    }
    const Failure* failure = envelope->failure.get();
    if (failure && failure->code == failure_code::actor_crashed)
      engine.report_crash(*envelope, {failure->detail, stack});
    // A cursor of another order is refused before the handler's answer is looked at.
    const bool by_handler = failure && failure->rejected() && !traced().foreign_cursor;
    if (by_handler) engine.check_rejection(*envelope->info, failure->code);
    Shard::answer(std::move(envelope));
  }
};

}  // namespace

Host::Host(Engine& engine, EntityType type, Store* store, HostOptions options)
    : engine_(engine),
      type_(std::move(type)),
      store_(store),
      options_(std::move(options)),
      caller_(engine.caller(options_.calls_as.empty() ? name() : options_.calls_as)) {
  if (type_.asks && options_.calls_as.empty()) engine.caller(name()).restrict_to(type_.protocol, *type_.asks);
  for (std::uint32_t i = 0; i < options_.shards; ++i) {
    const std::string owner = options_.owners.empty() ? std::string() : options_.owners.at(i);
    const auto known = std::ranges::find(owners_, owner);
    owner_of_shard_.push_back(static_cast<std::uint16_t>(known - owners_.begin()));
    if (known == owners_.end()) owners_.push_back(owner);
    shards_.emplace_back();
    if (options_.owns && !options_.owns(i)) continue;
    shards_.back() =
        std::make_unique<Shard>(*this, engine.state_of(engine.loop((options_.first_loop + i) % engine.loop_count())));
    ++owned_;
    own_position_ = owner_of_shard_[i];
  }
}

Host::~Host() = default;

void Host::query(EnvelopePtr envelope, loop::Loop& from) {
  const auto& handler = type_.handlers[envelope->info->index];
  if (!store_) {
    envelope->failure = std::make_unique<Failure>(
        Failure::not_executed(failure_code::unavailable, std::string(name()) + " keeps no rows to list"));
    return Shard::answer(std::move(envelope));
  }
  const bool late = from.now() >= envelope->deadline;
  if (late || is_given_up(*envelope)) {
    envelope->failure = std::make_unique<Failure>(Failure::not_executed(
        failure_code::expired, late ? "the deadline passed on the way" : "whoever asked has given up"));
    return Shard::answer(std::move(envelope));
  }
  envelope->handled = true;
  auto query = std::make_unique<DirectoryQuery>(engine_, handler, std::move(envelope), from);
  store_->query(*query.release());
}

}  // namespace troupe::engine
