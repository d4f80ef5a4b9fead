#include <troupe/cluster/scatter_gather.hpp>

#include <exception>
#include <memory>
#include <utility>

#include <troupe/contract/exception_text.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::cluster {

/// Receives the answer of one owner.
class ScatterGather::Part final : public engine::RemoteAsker {
 public:
  Part(ScatterGather& whole, std::size_t index) : whole_(&whole), index_(index) {}
  void respond(EnvelopePtr envelope) override { whole_->take(index_, std::move(envelope)); }

 private:
  Shared<ScatterGather> whole_;
  std::size_t index_;
};

ScatterGather::ScatterGather(EnvelopePtr asked, std::size_t parts, Open& open)
    : asked_(std::move(asked)), open_(open), request_(asked_->request), missing_(parts), parts_(parts) {
  open_.emplace(request_, this);
}

ScatterGather::~ScatterGather() { open_.erase(request_); }

std::vector<EnvelopePtr> ScatterGather::make_parts() {
  std::vector<EnvelopePtr> parts;
  try {
    for (std::size_t i = 0; i < missing_; ++i) parts.push_back(make_part(i));
  } catch (...) {
    failure_ = std::make_unique<Failure>(
        Failure::not_executed(failure_code::actor_crashed, "it can't be copied: " + text_of(std::current_exception())));
    parts.clear();
    finish();
  }
  return parts;
}

EnvelopePtr ScatterGather::make_part(std::size_t index) {
  EnvelopePtr part = asked_->info->copy(*asked_);
  part->reply_to = asked_->reply_to;
  part->trace = std::make_unique<PageTrace>();
  part->responder = Shared<Responder>(new Part(*this, index));
  return part;
}

void ScatterGather::take(std::size_t index, EnvelopePtr part) {
  if (part->failure && !failure_) failure_ = std::move(part->failure);
  parts_[index] = std::move(part);
  if (--missing_ == 0) finish();
}

void ScatterGather::finish() {
  if (failure_) {
    asked_->failure = std::move(failure_);
  } else {
    try {
      asked_->info->merge(*asked_, parts_);
    } catch (...) {
      asked_->failure = std::make_unique<Failure>(Failure::unknown(
          failure_code::actor_crashed, "its parts can't be merged: " + text_of(std::current_exception())));
    }
  }
  asked_->done = true;
  engine::Engine::answer(std::move(asked_));
}

}  // namespace troupe::cluster
