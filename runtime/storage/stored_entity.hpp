#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <troupe/contract/key.hpp>
#include <troupe/contract/stored.hpp>

namespace troupe::storage {

/// A send that its receiver has not acknowledged yet.
struct WaitingSend {
  std::uint64_t sequence = 0;
  std::string protocol;
  Key target;
  std::string message;
  std::string body;  ///< JSON
};

/// One that was given up, because its receiver crashed on it again and again.
struct DeadSend {
  WaitingSend send;
  std::uint32_t attempts = 0;
  std::string reason;
};

/// One entity as it lies in its database: with its tables' items, the sends that wait, and those that are dead letters.
struct StoredEntity {
  Key key;
  StoredState state;  ///< without a body: erased, but its sends are still to be delivered, or lie dead
  std::vector<WaitingSend> sends;
  std::vector<DeadSend> dead_letters;
};

/// Reads one entity; nothing where there is none. The node that has the file may be running.
/// Errors: throws std::runtime_error that names the file.
std::optional<StoredEntity> find_entity(const std::filesystem::path& database, const Key& key);

/// Reads every entity of a protocol's file in the order of keys, all as they were at one moment. With `entity_json` it
/// gives the durable state of a node in a form that can be compared. The node may be running. Errors: as above.
void each_entity(const std::filesystem::path& database, const std::function<void(const StoredEntity&)>& visit);

/// The members `"version"`, `"layout"`, `"state"`, `"tables"`, `"sends"` and `"dead_letters"` of a JSON object, without
/// its braces; what is at rest in JSON stands there as it rests.
std::string entity_json(const StoredEntity& entity);

}  // namespace troupe::storage
