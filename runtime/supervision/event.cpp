#include <troupe/supervision/event.hpp>

namespace troupe::supervision {

RequestId request_of(const Event& event) {
  return std::visit(
      [](const auto& alternative) {
        if constexpr (requires { alternative.request; }) {
          return alternative.request;
        } else {
          return RequestId::none;
        }
      },
      event);
}

}  // namespace troupe::supervision
