#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

namespace troupe::storage {

/// A secret that all nodes with the same data folder share, `<data>/shared/<name>`: made by whoever comes first.
///
/// Errors: throws std::runtime_error whose text names the file, what is wrong and what to do. Threads and processes:
/// any.
std::vector<std::byte> shared_secret(const std::filesystem::path& data, std::string_view name,
                                     const std::function<std::vector<std::byte>()>& make);

}  // namespace troupe::storage
