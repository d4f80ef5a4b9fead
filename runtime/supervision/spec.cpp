#include <troupe/supervision/spec.hpp>

#include <troupe/wire/enumerators.hpp>

namespace troupe::supervision {
namespace {

/// How many children from this one on are shards.
std::size_t shards_from(const std::vector<ChildSpec>& children, std::size_t first) {
  std::size_t end = first;
  while (end < children.size() && children[end].type == ChildType::shard) ++end;
  return end - first;
}

/// Shards that follow each other are one line.
void print_children(std::string& out, const SupervisorSpec& spec, std::size_t depth) {
  for (std::size_t i = 0; i < spec.children.size(); ++i) {
    const ChildSpec& child = spec.children[i];
    out.append(2 * depth, ' ').append(child.id);
    if (const std::size_t shards = shards_from(spec.children, i); shards > 1) {
      i += shards - 1;
      out.append("..").append(spec.children[i].id).append(": ").append(std::to_string(shards)).append(" shards");
    } else {
      out.append(": ").append(wire::enum_name(child.type));
    }
    out.append(", ").append(wire::enum_name(child.restart));
    if (child.significant) out.append(", significant");
    out.append(", shutdown ").append(to_text(child.effective_shutdown()));
    if (child.start_timeout) out.append(", start within ").append(troupe::to_text(*child.start_timeout));
    if (child.children != nullptr) out.append("; ").append(to_text(child.children->flags));
    out.push_back('\n');
    if (child.children != nullptr) print_children(out, *child.children, depth + 1);
  }
}

}  // namespace

Shutdown ChildSpec::effective_shutdown() const {
  if (shutdown) return *shutdown;
  return type == ChildType::supervisor ? Shutdown::infinity() : Shutdown::after(default_shutdown_timeout);
}

std::string to_text(const Shutdown& shutdown) {
  switch (shutdown.kind) {
    case Shutdown::Kind::timeout:
      return troupe::to_text(shutdown.timeout);
    case Shutdown::Kind::infinity:
      return "infinity";
    case Shutdown::Kind::brutal_kill:
      break;
  }
  return "brutal_kill";
}

std::string to_text(const SupervisorFlags& flags) {
  std::string text(wire::enum_name(flags.strategy));
  text += ", intensity " + std::to_string(flags.intensity) + " in " + troupe::to_text(flags.period);
  if (flags.auto_shutdown != AutoShutdown::never)
    text.append(", auto_shutdown ").append(wire::enum_name(flags.auto_shutdown));
  if (flags.backoff)
    text += ", backoff " + troupe::to_text(flags.backoff->first) + ".." + troupe::to_text(flags.backoff->longest);
  return text;
}

std::string print_tree(const std::string& name, const SupervisorSpec& spec) {
  std::string text = name + ": " + to_text(spec.flags) + "\n";
  print_children(text, spec, 1);
  return text;
}

}  // namespace troupe::supervision
