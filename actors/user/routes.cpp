#include "actors/user/routes.hpp"

#include <memory>
#include <utility>

#include <troupe/gateway/routes.hpp>
#include <troupe/gateway/token.hpp>
#include <troupe/wire/enumerators.hpp>
#include "actors/user/declaration.hpp"
#include "actors/user/sign_in.hpp"

namespace shop::user {

using namespace troupe;

namespace {

using Signer = std::shared_ptr<const gateway::TokenSigner>;

Task<OpenedSession> open_session(Signer signer, Time now, SignIn credentials) {
  const SignedIn signed_in = co_await sign_in(std::move(credentials));
  // A token counts whole seconds: the session must not seem to last beyond it.
  const auto from = std::chrono::floor<std::chrono::seconds>(now);
  const auto until = from + session_time;
  gateway::TokenClaims claims;
  claims.subject = to_text(signed_in.user.id);
  claims.role = wire::enum_name(signed_in.user.role);
  claims.issued_at = from;
  claims.expires_at = until;
  claims.generation = signed_in.generation;
  OpenedSession session;
  session.token = signer->issue(claims);
  session.expires_at = until;
  session.user = signed_in.user;
  co_return session;
}

}  // namespace

void Declaration::routes(gateway::Routes& r) {
  r.post<Api, Create>("/users").creates().says("Signs a customer up");
  r.get<Api, Get>("/users/{id}").self_or("admin").says("Shows a user");
  r.put<Api, Update>("/users/{id}").self_or("admin").says("Replaces a user's e-mail and name");
  r.remove<Api, Remove>("/users/{id}").self_or("admin").says("Removes a user");
  r.handle<SignIn, OpenedSession>(http::Method::post, "/sessions",
                                  [signer = r.signer()](gateway::Call call, SignIn credentials) {
                                    return open_session(signer, call.now(), std::move(credentials));
                                  })
      .status(201)
      .ignores_idempotency_key()
      .rejects("unauthenticated")
      .says("Opens a session");
}

}  // namespace shop::user
