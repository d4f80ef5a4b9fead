#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace troupe::storage {

/// A secret that all nodes with the same data folder share, `<data>/shared/<name>`. The first node makes it.
///
/// Errors: throws std::runtime_error whose text names the file, what is wrong and what to do, and Untrusted where
/// another user owns it or may write it. Threads and processes: any.
std::vector<std::byte> shared_secret(const std::filesystem::path& data, std::string_view name,
                                     const std::function<std::vector<std::byte>()>& make);

/// What is there; nothing where nobody made it yet.
std::optional<std::vector<std::byte>> find_shared_secret(const std::filesystem::path& data, std::string_view name);

/// Durably puts another in its place, or makes it.
void replace_shared_secret(const std::filesystem::path& data, std::string_view name,
                           const std::vector<std::byte>& secret);

}  // namespace troupe::storage
