#pragma once

#include <cstdint>
#include <string>

#include <troupe/cli/dead_letters/letter_nodes.hpp>
#include <troupe/cli/exit_code.hpp>
#include <troupe/node/application.hpp>

namespace troupe::cli {

enum class LettersForm : std::uint8_t { text, json };

/// `dead-letters list`: those of every node; `failed` where one does not tell.
ExitCode list_dead_letters(const node::Application& application, const LetterNodeArguments& arguments,
                           LettersForm form);

/// `dead-letters show`: one of them, as a JSON document; `failed` where no node has it.
ExitCode show_dead_letter(const node::Application& application, const LetterNodeArguments& arguments,
                          const std::string& id);

/// `dead-letters retry` and `drop`, of one of them or of all that there are at this moment; `failed` where one stays.
ExitCode command_dead_letter(const node::Application& application, const LetterNodeArguments& arguments,
                             const std::string& id, LetterCommand command);
ExitCode command_all_dead_letters(const node::Application& application, const LetterNodeArguments& arguments,
                                  LetterCommand command);

}  // namespace troupe::cli
