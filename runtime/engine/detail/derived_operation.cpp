#include <troupe/engine/detail/derived_operation.hpp>

#include <string>

#include <troupe/wire/hash.hpp>

namespace troupe::engine {

Uuid derived_operation(const Uuid& own, std::uint64_t number, const Envelope& asked) {
  constexpr std::uint64_t random_bits = (std::uint64_t{1} << 62) - 1;
  std::string text = to_text(own) + ' ' + std::to_string(number) + ' ';
  text.append(asked.info->protocol->name).append(1, '.').append(asked.info->name);
  text.append(1, '/').append(asked.target.to_string());
  return {own.high, (own.low & ~random_bits) | (wire::stable_hash(text) & random_bits)};
}

}  // namespace troupe::engine
