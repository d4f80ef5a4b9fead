#include <troupe/storage/detail/move_journal.hpp>

#include <array>
#include <stdexcept>

#include <troupe/storage/detail/durable_file.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

constexpr std::array<sqlite::Migration, 1> journal_migrations = {R"(
  CREATE TABLE move (
    digest TEXT NOT NULL,
    from_files TEXT NOT NULL,
    to_files TEXT NOT NULL,
    phase INTEGER NOT NULL
  );
  CREATE TABLE carried (
    protocol TEXT NOT NULL,
    from_node TEXT NOT NULL,
    to_node TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    shards TEXT NOT NULL,
    entities INTEGER NOT NULL,
    row_count INTEGER NOT NULL
  );
  CREATE TABLE expected (
    destination TEXT NOT NULL,
    shard INTEGER NOT NULL,
    entities INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  );
)"};

constexpr std::int32_t journal_id = 0x5472756d;  // "Trum"

sqlite::Connection open(const fs::path& file) {
  return sqlite::open_file(file, {journal_id, journal_migrations}, [](sqlite::Connection&) {}).connection;
}

std::uint64_t count_at(const sqlite::Statement& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}

std::vector<Carried> read_carried(sqlite::Connection& connection) {
  std::vector<Carried> all;
  auto rows = connection.prepare("SELECT * FROM carried");
  while (rows.step()) {
    Carried carried;
    carried.protocol = rows.bytes(0);
    carried.from_node = rows.bytes(1);
    carried.to_node = rows.bytes(2);
    carried.source = rows.bytes(3);
    carried.destination = rows.bytes(4);
    carried.shards = parse_shards(rows.bytes(5)).value_or(Shards());
    carried.entities = count_at(rows, 6);
    carried.rows = count_at(rows, 7);
    all.push_back(std::move(carried));
  }
  return all;
}

std::map<fs::path, Expected> read_expected(sqlite::Connection& connection) {
  std::map<fs::path, Expected> all;
  auto rows = connection.prepare("SELECT destination, shard, entities, row_count, checksum FROM expected");
  while (rows.step()) {
    all[fs::path(rows.bytes(0))][count_at(rows, 1)] = {count_at(rows, 2), count_at(rows, 3), count_at(rows, 4)};
  }
  return all;
}

void write_carried(sqlite::Connection& connection, const Carried& carried) {
  auto insert = connection.prepare("INSERT INTO carried VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  const std::string source = carried.source.string();
  const std::string destination = carried.destination.string();
  const std::string shards = to_text(carried.shards);
  insert.bind_text(1, carried.protocol);
  insert.bind_text(2, carried.from_node);
  insert.bind_text(3, carried.to_node);
  insert.bind_text(4, source);
  insert.bind_text(5, destination);
  insert.bind_text(6, shards);
  insert.bind(7, static_cast<std::int64_t>(carried.entities));
  insert.bind(8, static_cast<std::int64_t>(carried.rows));
  insert.run();
}

void write_expected(sqlite::Connection& connection, const fs::path& file, const Expected& expected) {
  auto insert = connection.prepare("INSERT INTO expected VALUES (?1, ?2, ?3, ?4, ?5)");
  const std::string destination = file.string();
  for (const auto& [shard, tally] : expected) {
    insert.bind_text(1, destination);
    insert.bind(2, static_cast<std::int64_t>(shard));
    insert.bind(3, static_cast<std::int64_t>(tally.entities));
    insert.bind(4, static_cast<std::int64_t>(tally.rows));
    insert.bind(5, static_cast<std::int64_t>(tally.checksum));
    insert.run();
  }
}

}  // namespace

std::optional<MovePlan> MoveJournal::read() const {
  if (!fs::exists(file_)) return std::nullopt;
  return sqlite::explained(file_, [&]() -> std::optional<MovePlan> {
    auto connection = open(file_);
    auto row = connection.prepare("SELECT digest, from_files, to_files, phase FROM move");
    if (!row.step()) return std::nullopt;  // it ended before anything was written into it
    MovePlan plan;
    plan.mark = {std::string(row.bytes(0)), std::string(row.bytes(1)), std::string(row.bytes(2))};
    plan.phase = static_cast<MovePhase>(row.integer(3));
    plan.carried = read_carried(connection);
    plan.expected = read_expected(connection);
    return plan;
  });
}

void MoveJournal::begin(const MovePlan& plan) {
  sqlite::explained(file_, [&] {
    auto connection = open(file_);
    sqlite::Transaction transaction(connection);
    auto insert = connection.prepare("INSERT INTO move VALUES (?1, ?2, ?3, ?4)");
    insert.bind_text(1, plan.mark.digest);
    insert.bind_text(2, plan.mark.from);
    insert.bind_text(3, plan.mark.to);
    insert.bind(4, static_cast<std::int64_t>(plan.phase));
    insert.run();
    for (const auto& carried : plan.carried) write_carried(connection, carried);
    for (const auto& [file, expected] : plan.expected) write_expected(connection, file, expected);
    transaction.commit();
  });
}

void MoveJournal::enter(MovePhase phase) {
  sqlite::explained(file_,
                    [&] { open(file_).execute("UPDATE move SET phase = " + std::to_string(static_cast<int>(phase))); });
}

void MoveJournal::end() {
  sqlite::remove_file(file_);
  sync_to_disk(file_.parent_path());
}

}  // namespace troupe::storage
