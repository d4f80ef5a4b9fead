#include <troupe/loop/stack_trace.hpp>

#include <cxxabi.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <unwind.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

namespace troupe::loop {

namespace {

/// The unwinder's walk, outwards from capture() itself.
struct Walk {
  std::span<std::uintptr_t> room;
  std::size_t size = 0;
  bool own_frame = true;  ///< the next frame is that of capture()
  bool in_signal = false;
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  int interrupted = 0;
  const std::uintptr_t address = _Unwind_GetIPInfo(context, &interrupted);
  if (std::exchange(walk.own_frame, false)) return _URC_NO_REASON;
  // The handler's own frames end with the first one that a signal has interrupted.
  if (interrupted != 0 && !std::exchange(walk.in_signal, true)) walk.size = 0;
  if (address == 0 || walk.size == walk.room.size()) return _URC_END_OF_STACK;
  walk.room[walk.size++] = interrupted != 0 ? address : address - 1;
  return _URC_NO_REASON;
}

std::string demangled(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(symbol, nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? name.get() : symbol;
}

std::string text_of(std::uintptr_t address) {
  Dl_info info{};
  void* found = nullptr;
  if (::dladdr1(reinterpret_cast<void*>(address), &info, &found, RTLD_DL_LINKMAP) == 0 || found == nullptr) {
    return fmt::format("{:#x}", address);
  }
  std::string_view module = info.dli_fname;
  module.remove_prefix(module.rfind('/') + 1);
  // What the file's own line tables count from, also where the program is not position independent.
  auto text = fmt::format("{}+{:#x}", module, address - static_cast<const link_map*>(found)->l_addr);
  if (info.dli_sname == nullptr) return text;
  return text + fmt::format(" {}+{:#x}", demangled(info.dli_sname),
                            address - reinterpret_cast<std::uintptr_t>(info.dli_saddr));
}

}  // namespace

[[gnu::noinline]] void StackTrace::capture() noexcept {
  Walk walk{addresses_};
  _Unwind_Backtrace(&visit, &walk);
  size_ = walk.size;
}

std::string to_text(std::span<const std::uintptr_t> addresses) {
  std::string text;
  for (const std::uintptr_t address : addresses) text += (text.empty() ? "" : " < ") + text_of(address);
  return text;
}

}  // namespace troupe::loop
