#pragma once

#include <troupe/actor.hpp>

namespace shop::wishlist {

/// The wishes, ready to be taken in by an application.
troupe::Domain wishlist_domain();

}  // namespace shop::wishlist
