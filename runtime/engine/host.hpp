#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actor/entity_type.hpp>
#include <troupe/actor/worker.hpp>
#include <troupe/contract/store.hpp>
#include <troupe/engine/edge.hpp>
#include <troupe/engine/shard.hpp>

namespace troupe::engine {

struct HostOptions {
  std::uint32_t shards = 64;
  std::chrono::milliseconds idle = std::chrono::minutes(5);  ///< after which an entity is passivated
  std::uint32_t queue_limit = 4096;                          ///< waiting envelopes of one entity
  supervision::CrashLoopLimits crash_loop{};                 ///< of each of its entities
  std::function<bool(std::uint32_t shard)> owns{};           ///< which shards live here; empty: all
  /// The name of each shard's node; empty: all are on one, which needs no name.
  std::vector<std::string> owners{};
  std::string domain{};        ///< under which it stands in the supervision tree; empty: the protocol's name
  std::string calls_as{};      ///< its name as a caller; empty: the protocol's
  std::size_t first_loop = 0;  ///< of its first shard; the others follow, one a loop
  Turns turns = Turns::in_order;
  /// Of a worker, which has one shard: told that a handler has thrown, on whose stack. Nothing begins there then until
  /// the shard was stopped and opened again. Empty: they are entities, which are made anew.
  std::function<void(std::string_view what)> worker_crashed{};
};

/// One protocol on this node: its kind of entity, its shards, spread over the loops, and its store.
class Host {
 public:
  /// `store` may be null: then its entities live in memory only.
  Host(Engine& engine, EntityType type, Store* store, HostOptions options);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  Engine& engine() const { return engine_; }
  const EntityType& type() const { return type_; }
  std::string_view name() const { return type_.protocol->name; }
  std::string_view domain() const { return options_.domain.empty() ? name() : options_.domain; }
  Store* store() const { return store_; }
  const HostOptions& options() const { return options_; }
  /// Whether it stands before a worker: that opens and stops its shard, which is in no tree.
  bool is_worker() const { return options_.worker_crashed != nullptr; }
  /// Its entities, as callers.
  const Caller& caller() const { return caller_; }

  /// Null: it lives on another node.
  Shard* shard_of(std::uint64_t hash) const { return shards_[hash % shards_.size()].get(); }
  /// By number; null those that live on other nodes.
  const std::vector<std::unique_ptr<Shard>>& shards() const { return shards_; }
  /// The nodes that share its entities out, in the order of their first shards; one without a name if none was given.
  const std::vector<std::string>& owners() const { return owners_; }
  /// Whose shard this is, as a position in owners().
  std::size_t owner_of(std::uint64_t hash) const { return owner_of_shard_[hash % shards_.size()]; }
  /// This node among the owners, if it is one.
  std::size_t own_position() const { return own_position_; }
  bool owns_all() const { return owned_ == shards_.size(); }
  bool owns_any() const { return owned_ > 0; }
  std::size_t owned() const { return owned_; }
  /// Whether operations are remembered, so that a repeated one is known again; of other nodes it is assumed.
  bool remembers() const { return store_ || !owns_any(); }

  /// When a shard that started last found that the store can be read. Threads: any, as the next.
  Instant store_was_read_at() const { return store_was_read_at_.load(std::memory_order_relaxed); }
  void store_was_read(Instant now) { store_was_read_at_.store(now, std::memory_order_relaxed); }

  /// Sends that its entities have committed and that no receiver has answered yet. Threads: any.
  std::uint64_t pending_sends() const { return pending_sends_.load(std::memory_order_relaxed); }
  void send_begun() { pending_sends_.fetch_add(1, std::memory_order_relaxed); }
  void send_ended() { pending_sends_.fetch_sub(1, std::memory_order_relaxed); }

  /// Answers a directory message from committed rows.
  void query(EnvelopePtr envelope, loop::Loop& from);

 private:
  Engine& engine_;
  EntityType type_;
  Store* store_;
  HostOptions options_;
  const Caller& caller_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::size_t owned_ = 0;
  std::vector<std::string> owners_;
  std::vector<std::uint16_t> owner_of_shard_;
  std::size_t own_position_ = 0;
  std::atomic<std::uint64_t> pending_sends_{0};
  std::atomic<Instant> store_was_read_at_{Instant::min()};
};

}  // namespace troupe::engine
