#pragma once

#include <optional>
#include <string>

#include <troupe/wire/id.hpp>
#include <troupe/wire/secret.hpp>

namespace shop::user {

/// The password's hash with all that is needed to check it: argon2id with 19 MiB in 2 passes, as a PHC string.
///
/// It takes about 17 ms and 19 MiB: call it by blocking(). `salt` need not be secret, only never used twice.
/// Errors: throws std::bad_alloc. Source: RFC 9106; OWASP's parameters.
std::string hash_password(troupe::Secret password, troupe::Uuid salt);

/// Whether this is the password of the hash. Without a hash it is never, which takes as long to find out.
/// Errors: throws std::bad_alloc.
bool is_password(std::optional<std::string> hash, troupe::Secret password);

}  // namespace shop::user
