#include <troupe/supervision/report.hpp>

#include <troupe/wire/enumerators.hpp>

namespace troupe::supervision {
namespace {

std::string to_text(const Offender& offender) {
  std::string text = offender.children == 1 ? " ref=" + std::to_string(static_cast<std::uint64_t>(offender.ref))
                                            : " children=" + std::to_string(offender.children);
  const ChildSpec& spec = *offender.spec;
  text += " id=" + spec.id;
  text.append(" restart=").append(wire::enum_name(spec.restart));
  if (spec.significant) text += " significant";
  text += " shutdown=" + to_text(spec.effective_shutdown());
  text.append(" type=").append(wire::enum_name(spec.type));
  return text;
}

}  // namespace

std::string to_text(const Report& report) {
  std::string text = "supervisor=" + report.supervisor;
  text.append(" context=").append(wire::enum_name(report.context));
  return text + " reason=" + to_text(report.reason) + to_text(report.offender);
}

std::string to_text(const Progress& progress) {
  return "supervisor=" + progress.supervisor + " started" + to_text(progress.started);
}

}  // namespace troupe::supervision
