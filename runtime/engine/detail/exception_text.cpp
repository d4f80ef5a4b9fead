#include <troupe/engine/detail/exception_text.hpp>

#include <troupe/loop/throw_trace.hpp>

namespace troupe::engine {

std::string text_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

Thrown thrown_of(const std::exception_ptr& exception) { return {text_of(exception), loop::stack_of(exception)}; }

}  // namespace troupe::engine
