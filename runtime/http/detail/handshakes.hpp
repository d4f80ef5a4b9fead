#pragma once

namespace troupe::http {

/// Lets a listening socket begin no more handshakes and finish those under way, so that it can be closed with nobody
/// connected to it who was not accepted. Whoever connects later hears nothing, and asks again after a second, when the
/// socket is closed and refuses. Does nothing where the kernel knows no filters of sockets.
void begin_no_handshakes(int listening_socket);

}  // namespace troupe::http
