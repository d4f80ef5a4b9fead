#include "tests/transport/recorder.hpp"

#include <algorithm>

namespace troupe::transport {

Self make_self(std::string name, std::uint64_t instance) {
  Self self;
  self.identity = {Role::node, std::move(name), 1, Uuid{7, instance}};
  self.cluster = "test";
  self.facts = {{"hash", "1"}, {"shards", "64"}};
  return self;
}

std::span<const std::byte> as_octets(const std::string& text) { return std::as_bytes(std::span(text)); }
std::string as_text(std::span<const std::byte> octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Taken Recorder::on_frame(Link& link, const Frame& frame) {
  const std::lock_guard lock(mutex_);
  if (frame.type == FrameType::reply) ++answers_;
  received_.push_back({frame.type, frame.request, as_text(frame.payload), loop::Loop::current()->index(),
                       link.peer().identity.name, frame.deadline, frame.flags});
  if (manner_ == Manner::answers && frame.type == FrameType::ask) {
    static_cast<void>(link.send({FrameType::reply, frame.flags, frame.request, frame.payload}));
  }
  return manner_ == Manner::holds ? Taken::held : Taken::done;
}

void Recorder::on_lost(loop::Loop&, std::uint64_t request, Fate fate, const std::string&) {
  const std::lock_guard lock(mutex_);
  lost_.emplace(request, fate);
}
void Recorder::on_up(Link& link) {
  const std::lock_guard lock(mutex_);
  ++ups_;
  links_.emplace_back(&link);
}
void Recorder::on_down(Link& link, const std::string& why) {
  const std::lock_guard lock(mutex_);
  std::erase(links_, LinkPtr(&link));
  downs_.push_back(why);
}
void Recorder::on_silent(Link&) {
  const std::lock_guard lock(mutex_);
  ++silences_;
}
void Recorder::on_leaving(Link&) {
  const std::lock_guard lock(mutex_);
  ++leavings_;
}
void Recorder::on_refused(const std::string& peer, const Refusal& refusal, RefusedBy by) {
  const std::lock_guard lock(mutex_);
  refused_.push_back({peer, refusal.reason, refusal.detail, by});
}
void Recorder::on_unreachable(const std::string& peer, const std::string& why) {
  const std::lock_guard lock(mutex_);
  unreachable_.push_back(peer + ": " + why);
}

}  // namespace troupe::transport
