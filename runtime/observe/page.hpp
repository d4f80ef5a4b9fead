#pragma once

#include <string_view>

namespace troupe::observe {

/// The page at `GET /` of the admin listener: one self-contained HTML document that reads /status, /readyz and /metrics
/// of the same listener every two seconds. Nothing is fetched from elsewhere.
std::string_view admin_page();

/// What the page needs a browser to allow, for `Content-Security-Policy`.
inline constexpr std::string_view admin_page_policy =
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

}  // namespace troupe::observe
