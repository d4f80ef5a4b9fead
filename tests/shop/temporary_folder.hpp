#pragma once

#include <troupe/testing/temporary_folder.hpp>

namespace shop::testing {

using troupe::testing::TemporaryFolder;

}  // namespace shop::testing
