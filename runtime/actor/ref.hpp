#pragma once

#include <type_traits>
#include <utility>

#include <troupe/actor/ask.hpp>
#include <troupe/contract/typed_envelope.hpp>

namespace troupe {

/// Where an entity is addressed: a protocol and a key. A value; making one costs nothing and finds nothing.
///
/// ```
/// const auto payment = actor<payment::Api>(order);
/// co_await payment.ask<payment::Refund>();
/// ```
/// An id that knows its protocol needs none: `co_await line.product.ask<product::Reserve>(order, revision, quantity)`.
/// The message's fields are given in order, or as one message that is moved in.
template <class Api>
class Ref {
 public:
  explicit Ref(Key key) : key_(std::move(key)) {}

  const Key& key() const { return key_; }

  template <Message M, class... Fields>
  Ask<M> ask(Fields&&... fields) const {
    return Ask<M>(envelope<M>(std::forward<Fields>(fields)...));
  }
  template <Message M, class... Fields>
  TryAsk<M> try_ask(Fields&&... fields) const {
    return TryAsk<M>(envelope<M>(std::forward<Fields>(fields)...));
  }

  /// The envelope of a message to this entity, for those who hand it to the engine themselves.
  template <Message M, class... Fields>
  EnvelopePtr envelope(Fields&&... fields) const {
    static_assert(Api::template has<M>, "this protocol has no such message");
    static_assert(scope_of<M> == Scope::entity, "a directory message is asked of directory<Api>()");
    auto e = detail::make_envelope<Api, M>(std::forward<Fields>(fields)...);
    e->target = key_;
    return e;
  }

 private:
  Key key_;
};

template <class Api>
Ref<Api> actor(Key key) {
  return Ref<Api>(std::move(key));
}

/// The entity that an id names, where the id knows its protocol; how `id.ask<M>(…)` finds it.
template <FixedString Tag, class Api>
Ref<Api> entity_of(const Id<Tag, Api>& id) {
  static_assert(!std::is_void_v<Api>,
                "this id does not know its protocol: make it Id<\"tag\", Api>, or ask actor<Api>(id)");
  return Ref<Api>(Key(id));
}

namespace detail {

template <class Api, Extent Asked>
class RowsRef {
 public:
  template <Message M, class... Fields>
  Ask<M> ask(Fields&&... fields) const {
    return Ask<M>(envelope<M>(std::forward<Fields>(fields)...));
  }
  template <Message M, class... Fields>
  TryAsk<M> try_ask(Fields&&... fields) const {
    return TryAsk<M>(envelope<M>(std::forward<Fields>(fields)...));
  }

 private:
  template <Message M, class... Fields>
  EnvelopePtr envelope(Fields&&... fields) const {
    static_assert(Api::template has<M>, "this protocol has no such message");
    static_assert(scope_of<M> == Scope::directory, "an entity's message is asked of actor<Api>(key)");
    auto e = make_envelope<Api, M>(std::forward<Fields>(fields)...);
    e->extent = Asked;
    return e;
  }
};

}  // namespace detail

/// Where a protocol's directory is asked: all committed entities, wherever they live.
template <class Api>
using Directory = detail::RowsRef<Api, Extent::everywhere>;

template <class Api>
Directory<Api> directory() {
  return {};
}

/// The part of a protocol's directory that one sweep looks after, asked like a directory. Each committed entity is in
/// exactly one share, and a share answers whether or not the others can be reached.
template <class Api>
using Share = detail::RowsRef<Api, Extent::here>;

}  // namespace troupe
