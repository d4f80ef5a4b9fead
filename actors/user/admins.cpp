#include "actors/user/admins.hpp"

#include <algorithm>

#include "actors/user/api.hpp"

namespace shop::user::admins {

using namespace troupe;

namespace {

Member* find(std::vector<Member>& members, UserId user) {
  const auto found = std::ranges::find(members, user, &Member::user);
  return found == members.end() ? nullptr : &*found;
}

}  // namespace

Task<Nominee> Admins::on(Nominate) {
  if (state().members.empty()) {
    Member nominee;
    nominee.user = new_id<UserId>();
    edit().members.push_back(nominee);
  }
  const auto& members = state().members;
  co_return Nominee{members.front().user, std::ranges::any_of(members, &Member::appointed)};
}

Task<Done> Admins::on(Join m) {
  auto& members = edit().members;
  Member* member = find(members, m.user);
  if (member == nullptr) {
    Member joined;
    joined.user = m.user;
    members.push_back(joined);
    member = &members.back();
  }
  member->appointed = true;
  co_return Done{};
}

Task<LeaveResult> Admins::on(Leave m) {
  const auto stays = [&](const Member& other) { return other.user != m.user && other.appointed && !other.leaving; };
  if (std::ranges::any_of(state().members, stays)) {
    if (Member* member = find(edit().members, m.user)) member->leaving = m.leaving;
    co_return LeaveResult{true};
  }
  for (const Member& other : state().members) {
    if (other.user != m.user && other.leaving) send<CheckLeaving>(other.user, *other.leaving);
  }
  co_return LeaveResult{false};
}

Task<Done> Admins::on(Gone m) {
  std::erase_if(edit().members, [&](const Member& member) { return member.user == m.user; });
  co_return Done{};
}

Task<Done> Admins::on(Stay m) {
  Member* member = find(edit().members, m.user);
  if (member != nullptr && member->leaving == m.leaving) member->leaving.reset();
  co_return Done{};
}

}  // namespace shop::user::admins
