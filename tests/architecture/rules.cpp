#include "tests/architecture/rules.hpp"

namespace troupe::architecture {

const Rules& rules() {
  static const Rules troupe{
      .rooms =
          {
              // The library, from the bottom up: each folder sees those it builds on and nothing above.
              {"runtime/wire", {}},
              {"runtime/contract", {"runtime/wire"}},
              {"runtime/actor", {"runtime/contract", "runtime/wire"}},
              {"runtime/resilience", {"runtime/contract", "runtime/wire"}},
              {"runtime/supervision", {"runtime/resilience", "runtime/wire"}},
              {"runtime/loop", {"runtime/wire"}},
              // The search for deadlocks is a machine of its own: it knows waits and probes, and no engine.
              {"runtime/engine/deadlock", {"runtime/contract", "runtime/wire"}},
              {"runtime/engine",
               {"runtime/engine/deadlock", "runtime/loop", "runtime/supervision", "runtime/resilience", "runtime/actor",
                "runtime/contract", "runtime/wire"}},
              {"runtime/storage", {"runtime/loop", "runtime/contract", "runtime/wire"}},
              {"runtime/transport", {"runtime/loop", "runtime/resilience", "runtime/contract", "runtime/wire"}},
              {"runtime/cluster", {"runtime/transport", "runtime/engine", "runtime/contract", "runtime/wire"}},
              {"runtime/topology", {"runtime/wire"}},
              {"runtime/observe", {"runtime/wire"}},
              {"runtime/http", {"runtime/wire"}},
              {"runtime/gateway",
               {"runtime/http", "runtime/engine", "runtime/actor", "runtime/contract", "runtime/wire"}},
              {"runtime/node",
               {"runtime/cluster", "runtime/transport", "runtime/gateway", "runtime/http", "runtime/observe",
                "runtime/topology", "runtime/storage", "runtime/engine", "runtime/supervision", "runtime/resilience",
                "runtime/loop", "runtime/actor", "runtime/contract", "runtime/wire"}},
              {"runtime/cli",
               {"runtime/node", "runtime/http", "runtime/observe", "runtime/topology", "runtime/storage",
                "runtime/loop", "runtime/resilience", "runtime/contract", "runtime/wire"}},
              {"runtime/testing",
               {"runtime/node", "runtime/cluster", "runtime/transport", "runtime/gateway", "runtime/http",
                "runtime/topology", "runtime/storage", "runtime/engine", "runtime/loop", "runtime/actor",
                "runtime/contract", "runtime/wire"}},
              // What a domain includes: one header for all that the library has for it.
              {"runtime/actor.hpp", {"runtime/actor", "runtime/contract", "runtime/wire"}},
              // Words that domains share, such as money and ids.
              {"actors", {"runtime/actor.hpp", "runtime/wire"}},
              // Domains: the domain API with the values it speaks of, the declaration of routes and the tokens of the
              // sessions that they open, and of each other only what others may see.
              {"actors/*",
               {"runtime/actor.hpp", "runtime/wire", "runtime/gateway/routes.hpp", "runtime/gateway/token.hpp",
                "actors/*.hpp", "actors/*/api.hpp"}},
              // Programs put domains and runtime together; the engine and storage reach them only through the node.
              // The small ones take their domains in as the whole shop does.
              {"apps/*",
               {"apps/shop/*.hpp", "actors/*", "runtime/cli", "runtime/node", "runtime/gateway", "runtime/actor.hpp",
                "runtime/wire"}},
              {"tests", {"runtime/*", "actors/*", "apps/*"}},
          },
      .libraries =
          {
              {"caf/", {"runtime/engine"}},
              {"boost/asio", {"runtime/loop", "runtime/transport", "runtime/http", "runtime/node"}},
              {"boost/beast", {"runtime/http"}},
              {"boost/container", {"runtime/http", "runtime/gateway"}},
              {"boost/unordered", {"runtime/engine", "runtime/transport", "runtime/cluster"}},
              // The text of messages is wire's; the gateway describes its routes in a document of no message's form.
              {"boost/json", {"runtime/wire", "runtime/gateway"}},
              {"msgpack", {"runtime/wire"}},
              {"openssl/", {"runtime/transport", "runtime/gateway"}},
              // Codings and comparison of secrets at the edge; passwords, which only the user domain ever sees.
              {"sodium.h", {"runtime/gateway", "actors/user"}},
              // Names of products are searched without regard to case.
              {"utf8proc.h", {"actors/product"}},
              {"xxhash.h", {"runtime/wire"}},
              {"sqlite3.h", {"runtime/storage"}},
              {"toml++/", {"runtime/topology"}},
              {"CLI/", {"runtime/cli"}},
              {"spdlog/", {"runtime/observe"}},
              {"gtest/", {"tests"}},
              {"gmock/", {"tests"}},
              {"rapidcheck", {"tests"}},
              // Stands in for std::format, which g++ 12 lacks: a vocabulary, not a dependency to hide.
              {"fmt/", {"runtime/*", "actors/*", "apps/*"}},
              // Of the operating system.
              {"pthread.h", {"runtime/loop"}},
              {"sched.h", {"runtime/loop"}},
              // Where a thread is, and what the addresses are called.
              {"semaphore.h", {"runtime/loop"}},
              {"sys/types.h", {"runtime/loop"}},
              {"unwind.h", {"runtime/loop"}},
              {"dlfcn.h", {"runtime/loop"}},
              {"link.h", {"runtime/loop"}},
              {"cxxabi.h", {"runtime/loop"}},
              {"fcntl.h", {"runtime/storage", "runtime/cli"}},
              {"sys/file.h", {"runtime/storage"}},
              {"sys/random.h", {"runtime/loop"}},
              // Whose a file is, and who else may write it; what a command makes.
              {"sys/stat.h", {"runtime/storage", "runtime/cli"}},
              {"sys/statvfs.h", {"runtime/storage"}},
              {"unistd.h", {"runtime/loop", "runtime/storage", "runtime/observe", "runtime/cli"}},
              {"poll.h", {"runtime/observe", "runtime/cli"}},
              // Of the nodes that one command runs side by side.
              {"sys/wait.h", {"runtime/cli"}},
              {"sys/signalfd.h", {"runtime/cli"}},
              {"sys/prctl.h", {"runtime/cli"}},
              {"sys/socket.h", {"runtime/cli", "runtime/http"}},
              {"sys/un.h", {"runtime/cli"}},
              {"netdb.h", {"runtime/cli"}},
              {"sys/resource.h", {"runtime/observe"}},
              {"arpa/inet.h", {"runtime/topology", "runtime/http"}},
              // What the kernel knows of a connection, and does with it.
              {"linux/filter.h", {"runtime/http"}},
              {"linux/sockios.h", {"runtime/transport"}},
              {"netinet/tcp.h", {"runtime/transport"}},
              {"sys/ioctl.h", {"runtime/transport"}},
          },
      .privileges =
          {
              {"reads the clock",
               R"(\b(\w*[cC]lock\s*::\s*now|gettimeofday|clock_gettime|std\s*::\s*time|::time)\s*\()",
               {"runtime/loop"},
               "take a clock as a parameter, or the system's from runtime/loop"},
              {"starts or holds a thread",
               R"(\b(std\s*::\s*(jthread|thread|async|this_thread)\b|pthread_create\s*\())",
               {"runtime/loop"},
               "use the loops, or workers for what blocks"},
              {"draws random numbers",
               R"(\brandom_device\b|(^|[^\w.>])(rand|srand|random|drand48|getrandom|getentropy|arc4random)\s*\(|\brandombytes_\w+|\bRAND_bytes\b)",
               {"runtime/loop"},
               "take the loop's random numbers"},
              {"reads the environment",
               R"(\b(getenv|secure_getenv)\s*\(|\benviron\b)",
               {"runtime/cli", "runtime/testing"},
               "take the value as a parameter"},
          },
      .sizes =
          {
              .sources_in_a_folder = 24,
              .larger_folders =
                  {
                      {"runtime/testing", "a fixture, what it asks and what it compares are read together"},
                      {"runtime/wire", "every codec needs the reflection, the rules and the schema beside it"},
                      {"tests/bench", "one measurement a file"},
                      {"tests/shop", "one resource of the API a file, with the client and what they share"},
                  },
              .lines_in_a_file = 300,
              .longer_files =
                  {
                      {"runtime/http/detail/session.cpp",
                       "one connection: its reading, answering and end share a state"},
                      {"runtime/wire/detail/unpack.hpp", "generated: one line for each number of fields"},
                      {"tests/actors/order/order_test.cpp", "the whole life of an order, message by message"},
                      {"tests/storage/disk_fault_test.cpp", "one fault of a disk after the other, on one store"},
                      {"tests/cli/data_test.cpp", "one data folder, moved step by step"},
                      {"tests/cluster/link_relay.cpp", "one relay that breaks links in every way"},
                      {"tests/cluster/router_test.cpp", "one router, every answer of a peer"},
                      {"tests/engine/crash_test.cpp", "one entity, every place where it may crash"},
                      {"tests/engine/dead_letters_test.cpp", "one poisoned send, from its first crash to its end"},
                      {"tests/engine/group_test.cpp", "one group, every way an ask may take"},
                      {"tests/engine/turn_test.cpp", "the promises that a turn makes, in one list"},
                      {"tests/http/limits_test.cpp", "one server, each of its limits"},
                      {"tests/placement/shop_suite.cpp", "one story that every placement plays"},
                      {"tests/shop/orders_test.cpp", "one resource of the API, route by route"},
                      {"tests/shop/validation_test.cpp", "one table of good and bad fields"},
                      {"tests/storage/data_move_test.cpp", "one move, stopped at every step"},
                      {"tests/supervision/model.cpp", "OTP's rules once more, a function each, read as one list"},
                      {"tests/topology/loader_faults_test.cpp", "one table of files and their faults"},
                      {"tests/transport/connection_test.cpp", "one connection, every frame and fault"},
                      {"tests/transport/simulated_links_test.cpp", "one network, every fault of it"},
                      {"tests/wire/json_test.cpp", "one table of texts, good and bad"},
                  },
          },
  };
  return troupe;
}

}  // namespace troupe::architecture
