#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Whether two versions of a type understand each other, told from their descriptions (`describe`) alone.
///
///     const auto changes = wire::compare("{product:string,}", "{product:string,note:optional<string>,}");
///     if (wire::compatible(changes)) speak(Encoding::keyed);
///
namespace troupe::wire {

/// The shape of a type, as its description tells it.
struct TypeShape {
  std::string kind;                ///< "u32", "string", "list", ...; "{" of an aggregate, "^" of one that holds itself
  std::size_t number = 0;          ///< of an array: its size; of "^": how many aggregates further out
  std::vector<std::string> names;  ///< of fields, enumerators, alternatives
  std::vector<TypeShape> parts;    ///< types of fields or alternatives, in the order of names; of a map: key and value

  friend bool operator==(const TypeShape&, const TypeShape&) = default;
};

/// Errors: nothing where `text` is no description, is longer than `longest_description` or nests too deep.
std::optional<TypeShape> read_description(std::string_view text);

/// What `read_description` reads back.
std::string to_string(const TypeShape& shape);

/// Descriptions come from peers, too.
inline constexpr std::size_t longest_description = 1024 * 1024;
inline constexpr int deepest_description = 128;

enum class Compatibility : std::uint8_t { compatible, breaking };

/// One difference between two versions.
struct SchemaChange {
  Compatibility compatibility = Compatibility::breaking;
  std::string path;  ///< `items[].quantity`; empty: the type itself
  std::string what;

  friend bool operator==(const SchemaChange&, const SchemaChange&) = default;
};

/// Every difference, in the order of the types.
///
/// What is compatible can be read by the other side, whichever of the two sends, whatever it holds, when it is encoded
/// with keys: fields may change places, and optional ones may come and go. All else is breaking: any other field that
/// is added, removed, renamed or has another type, and an enumerator or alternative that only one side knows.
std::vector<SchemaChange> compare(const TypeShape& before, const TypeShape& after);

/// The same for texts; one that cannot be read is a breaking change.
std::vector<SchemaChange> compare(std::string_view before, std::string_view after);

/// True where no change is breaking.
bool compatible(const std::vector<SchemaChange>& changes);

}  // namespace troupe::wire
