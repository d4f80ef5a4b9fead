#pragma once

#include <cstdint>
#include <string>

namespace troupe::process {

/// A TCP port of the loopback address for a server that can't choose its own, and reserved for it until this process
/// ends: the system gives it to nobody who asks for any, and as long as nobody listens connections are refused.
std::uint16_t reserve_port();

/// `127.0.0.1:PORT`, of such a port.
std::string reserve_address();

}  // namespace troupe::process
