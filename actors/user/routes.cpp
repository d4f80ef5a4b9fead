#include "actors/user/routes.hpp"

#include <utility>

#include "actors/user/sign_in.hpp"

namespace shop::user {

using namespace troupe;

namespace {

Task<OpenedSession> open_session(IssueToken issue, Time now, SignIn credentials) {
  const SignedIn signed_in = co_await sign_in(std::move(credentials));
  // A token counts whole seconds: the session must not seem to last beyond it.
  const Time from = std::chrono::floor<std::chrono::seconds>(now);
  const Time until = from + session_time;
  OpenedSession session;
  session.token = issue(signed_in, from, until);
  session.expires_at = until;
  session.user = signed_in.user;
  co_return session;
}

}  // namespace

void routes(gateway::Routes& r, IssueToken issue) {
  r.post<Api, Create>("/users").creates().rejects("conflict").says("Signs a customer up");
  r.get<Api, Get>("/users/{id}").self_or("admin").says("Shows a user");
  r.put<Api, Update>("/users/{id}").self_or("admin").rejects("conflict").says("Replaces a user's e-mail and name");
  r.remove<Api, Remove>("/users/{id}").self_or("admin").rejects("conflict").says("Removes a user");
  r.handle<SignIn, OpenedSession>(http::Method::post, "/sessions",
                                  [issue = std::move(issue)](gateway::Call call, SignIn credentials) {
                                    return open_session(issue, call.now(), std::move(credentials));
                                  })
      .status(201)
      .ignores_idempotency_key()
      .rejects("unauthenticated")
      .says("Opens a session");
}

}  // namespace shop::user
