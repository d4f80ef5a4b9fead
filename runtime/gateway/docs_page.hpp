#pragma once

#include <string>
#include <string_view>

namespace troupe::gateway {

/// A page that shows /openapi.json and tries its calls; it loads nothing from elsewhere.
std::string docs_page(std::string_view title);

}  // namespace troupe::gateway
