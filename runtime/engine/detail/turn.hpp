#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/store.hpp>
#include <troupe/engine/call_context.hpp>
#include <troupe/engine/shard.hpp>

namespace troupe::engine {

/// The handling of one message by one entity, and its transaction: a successful end commits, then answers; any other
/// end leaves no trace of what came after the last commit().
class Turn final : public CallContext {
 public:
  Turn(Shard& shard, Activation& activation, EnvelopePtr envelope);
  ~Turn() override;

  void start();

  static void* operator new(std::size_t size) { return troupe::detail::pool_allocate(size); }
  static void operator delete(void* p, std::size_t size) noexcept { troupe::detail::pool_release(p, size); }

  bool start_commit(Listener& listener) override;
  std::unique_ptr<Failure> take_commit_failure() override { return std::move(commit_failure_); }
  void send(EnvelopePtr envelope) override;
  const Envelope* handles() const noexcept override { return envelope_.get(); }

  /// Ends it where it waits, without trace of what came after its last commit, and gives its envelope back with what is
  /// known of it; the turn is gone. Null: it ends so as soon as the store has decided its commit. Between turns only.
  EnvelopePtr cut(std::string why);

  bool is_read() const { return envelope_->info->effect == Effect::read; }

  Turn* next = nullptr;  ///< among the activation's turns
  Turn* prev = nullptr;

 private:
  enum class CommitPoint : std::uint8_t { middle, final };
  /// What a turn gives to the store, and the way back to its loop.
  struct Commit final : CommitRequest {
    Turn& turn;
    CommitPoint point;
    std::vector<EnvelopePtr> envelopes;  ///< of `sends`, in the same order

    Commit(Turn& turn, CommitPoint point) : turn(turn), point(point) {}
    void done() override {
      turn.loop().post({[](void* t, std::uint64_t) { static_cast<Turn*>(t)->committed(); }, &turn});
    }
  };
  /// As many as a version has room for in the sequence of its entity's sends.
  static constexpr std::uint64_t sends_per_commit = std::uint64_t{1} << 16;

  void entered() override { EntityAccess::enter(*activation_.entity, this); }
  void ended() override;
  Shared<ChainLink> chain() override;
  void sign(Envelope& envelope) override;
  bool reads_only() const override { return is_read(); }

  void crashed(const std::exception_ptr& exception);
  void rejected(const Failure& failure);
  void failed(std::unique_ptr<Failure> failure);
  bool has_something_to_commit(CommitPoint point) const;
  /// Encodes what the turn has done so far as the store keeps it. Returns why it may not be committed, or null.
  /// Errors: throws what cannot be encoded: text that is not UTF-8, a number that is not finite.
  std::unique_ptr<Failure> prepare_commit(CommitPoint point);
  void fill(Commit& commit, CommitPoint point);
  /// Hands to the store what was prepared. May destroy the turn.
  void begin_commit();
  void committed();
  /// Its commit is decided, and it was cut meanwhile.
  void end_cut();
  void finish();
  /// Leaves its activation and is gone. Returns the envelope, with its answer.
  EnvelopePtr leave();
  /// Takes the effects back that can be, and has its envelope say so.
  void fail(std::unique_ptr<Failure> failure);

  Shard& shard_;
  Activation& activation_;
  EnvelopePtr envelope_;
  EntityType::Started task_;
  Shared<ChainLink> link_;
  std::vector<EnvelopePtr> sends_;
  std::uint64_t signed_ = 0;  ///< keyed messages asked so far
  std::unique_ptr<Commit> commit_;
  Listener* commit_listener_ = nullptr;
  std::unique_ptr<Failure> commit_failure_;
  std::string cut_;  ///< why it is to end, once its commit is decided; empty: it is not
};

}  // namespace troupe::engine
