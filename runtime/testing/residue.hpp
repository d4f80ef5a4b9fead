#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/actor/entity.hpp>
#include <troupe/contract/stored.hpp>

namespace troupe::testing {

/// What is left of a state without its residue.
enum class Remains : std::uint8_t { state, nothing };

/// What attempts that came to nothing leave in one kind of entity, kept on purpose: an order that was undone and is
/// remembered to refuse what comes late. How much of it there is depends on how often calls were repeated.
///
/// ```
/// Residue::in<Order>([](order::State& s) { return s.step == Step::undone ? Remains::nothing : Remains::state; })
/// ```
/// The function takes the residue out of a state, tables included. It should take no more than what makes no
/// difference to anybody: what it takes is not compared where calls are repeated.
class Residue {
 public:
  template <class E>
  static Residue in(std::function<Remains(typename E::State&)> take_out) {
    return {std::string(E::Api::name), [take_out = std::move(take_out)](const Key& key, StoredState& stored) {
              DetachedEntity<E> entity(key, stored);
              if (take_out(entity.edit()) == Remains::nothing) entity.erase();
              replace(stored, entity);
            }};
  }

  const std::string& protocol() const { return protocol_; }
  /// Afterwards a state that was nothing but residue has neither body nor rows.
  /// Errors: throws std::runtime_error when the state can't be read.
  void take_out_of(const Key& key, StoredState& stored) const { take_out_(key, stored); }

 private:
  using TakeOut = std::function<void(const Key&, StoredState&)>;

  /// An entity without an engine, whose state can be edited.
  template <class E>
  class DetachedEntity final : public Entity<typename E::Api, typename E::State> {
   public:
    DetachedEntity(const Key& key, StoredState& stored) {
      EntityAccess::set_key(*this, key);
      EntityAccess::restore(*this, stored.layout, stored.body, stored.rows);
    }
    using Entity<typename E::Api, typename E::State>::edit;
    using Entity<typename E::Api, typename E::State>::erase;
  };

  Residue(std::string protocol, TakeOut take_out) : protocol_(std::move(protocol)), take_out_(std::move(take_out)) {}
  static void replace(StoredState& stored, const EntityBase& entity);

  std::string protocol_;
  TakeOut take_out_;
};

}  // namespace troupe::testing
