#include <troupe/engine/detail/exception_text.hpp>

#include <troupe/loop/throw_trace.hpp>

namespace troupe::engine {

Thrown thrown_of(const std::exception_ptr& exception) { return {text_of(exception), loop::stack_of(exception)}; }

}  // namespace troupe::engine
