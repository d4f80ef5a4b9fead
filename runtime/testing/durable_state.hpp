#pragma once

#include <filesystem>
#include <vector>

#include <troupe/testing/names.hpp>
#include <troupe/testing/residue.hpp>
#include <troupe/testing/transcript.hpp>

namespace troupe::testing {

/// What the data folder of a topology holds, over the databases of all its nodes, in order; also while they run.
/// `names` knows what transcripts have shown; ids that they have not are blurred. Without `residue`, if there is any.
/// Errors: throws std::runtime_error whose text names the file.
DurableState read_durable_state(const std::filesystem::path& data, Names& names,
                                const std::vector<Residue>& residue = {});

}  // namespace troupe::testing
