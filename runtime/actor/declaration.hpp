#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actor/domain.hpp>

namespace troupe::gateway {
class Routes;
}

namespace troupe {

/// The kinds of entities of a domain, the main one first: its protocol has the domain's name.
template <class... Es>
struct Entities {
  static_assert(sizeof...(Es) > 0, "a domain has a kind of entity");

  using Main = std::tuple_element_t<0, std::tuple<Es...>>;
  template <class E>
  static constexpr bool has = (std::is_same_v<E, Es> || ...);
  template <class F>
  static constexpr void for_each(F visit) {
    (visit.template operator()<Es>(), ...);
  }
};

/// All that there is to say of a domain, in one struct that programs and tests take in; but for `Entities`, each part
/// may be left out:
///
/// ```
/// struct Declaration {
///   using Entities = troupe::Entities<Order, payment::Payment, shipping::Shipping>;
///   using Movable = troupe::Entities<payment::Payment>;   // may stand on other nodes than the main one
///   using Settings = order::Settings;                     // `[settings.order]` of a topology
///   using Workers = troupe::Workers<Provider>;            // supervised actors without a key
///   static void sweeps(troupe::Domain& domain, const Settings& settings);
///   static void routes(troupe::gateway::Routes& r);
/// };
/// ```
/// An entity or worker is made from the settings where its constructor takes them, else from nothing. What it asks of
/// others stands with it: see Asks.
template <class D>
concept DomainDeclaration = requires { typename D::Entities::Main; };

struct NoSettings {};

namespace detail {

template <class D>
struct SettingsOf {
  using type = NoSettings;
};
template <class D>
  requires requires { typename D::Settings; }
struct SettingsOf<D> {
  using type = typename D::Settings;
};

}  // namespace detail

template <DomainDeclaration D>
using SettingsOf = typename detail::SettingsOf<D>::type;

template <DomainDeclaration D>
using MainApiOf = typename D::Entities::Main::Api;

template <DomainDeclaration D>
inline constexpr std::string_view domain_name = MainApiOf<D>::name;

template <class D>
concept HasRoutes = requires(gateway::Routes& r) { D::routes(r); };

/// What a program must know of a domain whose entities run elsewhere.
struct DomainOutline {
  struct Call {
    std::string_view from;
    std::string_view to;
  };

  std::string_view name;
  std::vector<const ProtocolInfo*> protocols;  ///< the main one first
  std::vector<std::string_view> movable;
  std::vector<Call> calls;  ///< which protocol asks or sends to which, by name
};

/// The outline of a declaration. A domain that many programs name says `extern template struct troupe::OutlineOf<…>;`
/// below it and compiles the codecs of its messages once.
template <DomainDeclaration D>
struct OutlineOf {
  static DomainOutline make();
};

/// A declaration with its entities, workers and sweeps; to be compiled once in the same way.
template <DomainDeclaration D>
struct DomainOf {
  static Domain make(const SettingsOf<D>& settings);
};

template <DomainDeclaration D>
DomainOutline OutlineOf<D>::make() {
  DomainOutline outline;
  outline.name = domain_name<D>;
  D::Entities::for_each([&outline]<class E>() {
    const std::string_view own = E::Api::name;
    outline.protocols.push_back(&protocol_info<typename E::Api>);
    E::DeclaredOptions::for_each_callee([&]<class Callee>() { outline.calls.push_back({own, Callee::name}); });
    if constexpr (requires { typename D::Movable; }) {
      if (D::Movable::template has<E>) outline.movable.push_back(own);
    }
  });
  if constexpr (requires { typename D::Workers; }) {
    // A worker asks as the protocol that it stands beside does, which needs no leave to ask its own.
    D::Workers::for_each([&outline]<class W>() {
      const std::string_view beside = detail::BesideOf<W, MainApiOf<D>>::type::name;
      W::DeclaredOptions::for_each_callee([&]<class Callee>() {
        if (Callee::name != beside) outline.calls.push_back({beside, Callee::name});
      });
    });
  }
  return outline;
}

template <DomainDeclaration D>
Domain DomainOf<D>::make(const SettingsOf<D>& settings) {
  using Settings = SettingsOf<D>;
  Domain domain{std::string(domain_name<D>)};
  D::Entities::for_each([&]<class E>() {
    if constexpr (std::is_constructible_v<E, const Settings&>) {
      domain.entity<E>(settings);
    } else {
      static_assert(std::is_default_constructible_v<E>,
                    "an entity is made from its domain's settings, or from nothing");
      domain.entity<E>();
    }
  });
  if constexpr (requires { typename D::Workers; }) {
    D::Workers::for_each([&]<class W>() {
      if constexpr (std::is_constructible_v<W, const Settings&>) {
        domain.worker<W, MainApiOf<D>>(settings);
      } else {
        static_assert(std::is_default_constructible_v<W>,
                      "a worker is made from its domain's settings, or from nothing");
        domain.worker<W, MainApiOf<D>>();
      }
    });
  }
  if constexpr (requires { D::sweeps(domain, settings); }) D::sweeps(domain, settings);
  return domain;
}

}  // namespace troupe
