#include <troupe/engine/caf/supervised_actor.hpp>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <utility>

#include <troupe/engine/caf/supervisor_actor.hpp>
#include <troupe/engine/detail/exception_text.hpp>

namespace troupe::engine {

using supervision::ExitReason;

namespace {

constexpr auto exit_category = caf::atom("exit");
/// CAF's own reason `kill` is not one to hand on: it ends whoever hears of it. As in OTP, those hear `killed` instead.
constexpr auto killed_category = caf::atom("killed");

caf::error error_of(caf::exit_reason code, const std::string& detail) {
  return caf::error(static_cast<std::uint8_t>(code), exit_category, caf::make_message(detail));
}

}  // namespace

ExitReason reason_of(const caf::error& error) {
  if (!error) return ExitReason::normal();
  const auto text = [&error]() -> std::string {
    const caf::message& context = error.context();
    return context.match_elements<std::string>() ? context.get_as<std::string>(0) : to_string(error);
  };
  if (error == caf::exit_reason::normal) return ExitReason::normal();
  if (error == caf::exit_reason::user_shutdown) return ExitReason::shutdown(error.context().empty() ? "" : text());
  if (error.category() == killed_category) return ExitReason::killed();
  return ExitReason::error(text());
}

caf::error to_error(const ExitReason& reason) {
  switch (reason.kind) {
    case ExitReason::Kind::normal:
      return caf::exit_reason::normal;
    case ExitReason::Kind::shutdown:
      return error_of(caf::exit_reason::user_shutdown, reason.detail);
    case ExitReason::Kind::killed:
      return caf::error(std::uint8_t{1}, killed_category);
    case ExitReason::Kind::error:
      break;
  }
  return error_of(caf::exit_reason::unhandled_exception, reason.detail);
}

void post_urgently(const caf::actor& to, Exit exit) {
  to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), caf::make_message(exit), nullptr);
}

void SupervisedActor::begin(Birth birth) {
  birth_ = std::move(birth);
  try {
    start();
  } catch (...) {
    start_failed(ExitReason::error(text_of(std::current_exception())));
  }
}

void SupervisedActor::started() { answer(supervision::ChildStarted{birth_.attempt, birth_.ref}); }

void SupervisedActor::start_failed(const ExitReason& reason) {
  answer(supervision::ChildStartFailed{birth_.attempt, reason});
  end(reason);
}

void SupervisedActor::answer(supervision::Event event) {
  const auto supervisor = caf::actor_cast<caf::actor>(birth_.supervisor);
  if (!supervisor) return;
  auto& actor = dynamic_cast<SupervisorActor&>(*caf::actor_cast<caf::abstract_actor*>(supervisor));
  if (actor.is_alone()) return actor.tell(std::move(event));
  post(supervisor, Tell{std::move(event)});
}

caf::behavior SupervisedActor::make_behavior() {
  set_exception_handler([](std::exception_ptr& exception) { return to_error(ExitReason::error(text_of(exception))); });
  return handlers().or_else([this](Begin& begin) { this->begin(std::move(begin.birth)); },
                            [this](const Exit& message) { exit(message.signal); });
}

}  // namespace troupe::engine
