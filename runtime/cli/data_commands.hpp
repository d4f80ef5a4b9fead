#pragma once

#include <string>
#include <vector>

#include <troupe/cli/exit_code.hpp>
#include <troupe/node/application.hpp>
#include <troupe/storage/data_move.hpp>

namespace troupe::cli {

/// `data move`: carries the data of one topology over to another, while neither runs, or takes back what an interrupted
/// move has copied. `failed` where it could not; nothing is lost then, and the same command goes on.
ExitCode move_data(const node::Application& application, const std::vector<std::string>& from,
                   const std::vector<std::string>& to, storage::MoveGoal goal);

/// `data get`: prints the entity `PROTOCOL/KEY` as a JSON document; `failed` where there is none. Its node may run.
ExitCode get_entity(const node::Application& application, const std::vector<std::string>& topologies,
                    const std::string& entity);

}  // namespace troupe::cli
