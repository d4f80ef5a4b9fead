#include <troupe/engine/deadlock/probe.hpp>

namespace troupe::engine::deadlock {

std::string to_text(const Party& party) {
  return party.protocol + '/' + party.key.to_string() + " (" + party.message + ')';
}

std::string to_text(const std::vector<Wait>& cycle) {
  std::string text;
  for (const Wait& wait : cycle) {
    if (!text.empty()) text += "; ";
    text += to_text(wait.waiter) + " on " + wait.ask.node + " waits for " + to_text(wait.asked);
    text += wait.queued ? ", queued" : ", begun";
  }
  return text;
}

}  // namespace troupe::engine::deadlock
