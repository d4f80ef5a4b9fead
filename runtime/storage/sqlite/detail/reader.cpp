#include <troupe/storage/sqlite/detail/reader.hpp>

#include <troupe/storage/sqlite/detail/commit_outcome.hpp>

namespace troupe::storage::sqlite {

namespace {

template <class Request>
void judge(const std::filesystem::path& file, const Error& error, Request& request) {
  auto outcome = outcome_before_commit(file, error);
  request.status = outcome.status;
  request.detail = std::move(outcome.detail);
}

/// Ends the process where it throws: who can't be told would wait without end.
void tell(LoadRequest& request) noexcept { request.done(); }

}  // namespace

Reader::Reader(Connection connection, std::filesystem::path file, std::vector<IndexDeclaration> indexes)
    : connection_(std::move(connection)),
      file_(std::move(file)),
      indexes_(std::move(indexes)),
      begin_(connection_.prepare("BEGIN")),
      end_(connection_.prepare("COMMIT")),
      entity_(connection_.prepare("SELECT version, layout, body FROM entity WHERE key = ?1")),
      rows_(connection_.prepare(
          "SELECT state_table, item, body FROM table_row WHERE key = ?1 ORDER BY state_table, item")),
      operation_(connection_.prepare("SELECT reply, at FROM inbox WHERE operation = ?1 AND key = ?2")) {}

void Reader::load(std::span<LoadRequest* const>& batch) {
  const auto answer_next = [&batch] {
    LoadRequest* const answered = batch.front();
    batch = batch.subspan(1);
    tell(*answered);
  };
  try {
    begin_.run();
  } catch (const Error& error) {
    while (!batch.empty()) {
      judge(file_, error, *batch.front());
      answer_next();
    }
    return;
  }
  while (!batch.empty()) {
    try {
      load_one(*batch.front());
    } catch (const Error& error) {
      judge(file_, error, *batch.front());
    }
    answer_next();
  }
  end_read();
}

void Reader::end_read() noexcept {
  try {
    if (connection_.in_transaction()) end_.run();
  } catch (const Error&) {
    connection_.roll_back_if_open();
  }
}

void Reader::load_one(LoadRequest& request) {
  request.status = StoreStatus::done;
  request.detail.clear();
  const std::string key = request.key.to_bytes();
  request.operation ? find_operation(request, key) : load_state(request, key);
}

void Reader::load_state(LoadRequest& request, std::string_view key) {
  request.state = {};
  entity_.bind_blob(1, key);
  if (!entity_.step()) return;
  const auto version = entity_.integer(0);
  const auto layout = entity_.integer(1);
  if (!entity_.is_null(2)) request.state.body = entity_.bytes(2);
  entity_.reset();
  if (version <= 0 || layout <= 0) {
    request.status = StoreStatus::corrupt;
    request.detail = file_.string() + ": the row of " + request.key.to_string() + " has version " +
                     std::to_string(version) + " and layout " + std::to_string(layout);
    return;
  }
  request.state.version = static_cast<std::uint64_t>(version);
  request.state.layout = static_cast<std::uint32_t>(layout);
  if (!request.state.body) return;
  rows_.bind_blob(1, key);
  while (rows_.step()) {
    request.state.rows.push_back(
        {static_cast<std::uint16_t>(rows_.integer(0)), std::string(rows_.bytes(1)), std::string(rows_.bytes(2))});
  }
}

void Reader::find_operation(LoadRequest& request, std::string_view key) {
  request.found.reset();
  const auto operation = to_bytes(*request.operation);
  operation_.bind_blob(1, operation);
  operation_.bind_blob(2, key);
  if (!operation_.step()) return;
  request.found =
      InboxRow{*request.operation, std::string(operation_.bytes(0)), Time(Time::duration(operation_.integer(1)))};
  operation_.reset();
}

void Reader::query(QueryRequest& request) {
  request.status = StoreStatus::done;
  request.detail.clear();
  try {
    begin_.run();
    ScanSnapshot snapshot(connection_, indexes_, scans_);
    request.read(snapshot);
  } catch (const Error& error) {
    judge(file_, error, request);
  } catch (const std::exception& error) {
    request.status = StoreStatus::corrupt;
    request.detail = error.what();
  }
  end_read();
}

}  // namespace troupe::storage::sqlite
