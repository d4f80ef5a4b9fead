// A program of two small domains and the gateway, to run next to a version of itself that knows notes by another
// schema. Which one it knows is the folder that `note.hpp` comes from.
#include <note.hpp>

#include <troupe/actor.hpp>
#include <troupe/cli/command_line.hpp>

namespace note {

struct State {
  decltype(View::text) text;
};

class Note : public troupe::Entity<Api, State> {
 public:
  troupe::Task<View> on(Read) const {
    View view;
    view.text = state().text;
    co_return view;
  }
  troupe::Task<troupe::Done> on(Write m) {
    edit().text = std::move(m.text);
    co_return troupe::Done{};
  }
};

struct Declaration {
  using Entities = troupe::Entities<Note>;
  static void routes(troupe::gateway::Routes& r) {
    r.get<Api, Read>("/notes/{id}").says("Shows a note");
    r.put<Api, Write>("/notes/{id}").says("Writes a note");
  }
};

}  // namespace note

/// The same in all versions.
namespace bell {

struct Ring {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::idempotent;
};
using Api = troupe::Protocol<"bell", Ring>;

struct State {
  std::uint32_t rings = 0;
};

class Bell : public troupe::Entity<Api, State> {
 public:
  troupe::Task<troupe::Done> on(Ring) {
    ++edit().rings;
    co_return troupe::Done{};
  }
};

struct Declaration {
  using Entities = troupe::Entities<Bell>;
  static void routes(troupe::gateway::Routes& r) { r.put<Api, Ring>("/bells/{id}").says("Rings a bell"); }
};

}  // namespace bell

int main(int argc, char** argv) {
  troupe::node::Application application("notes", "1.0.0");
  application.add<note::Declaration>().add<bell::Declaration>();
  return troupe::cli::run(application, argc, argv);
}
