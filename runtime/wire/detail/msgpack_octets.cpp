#include <troupe/wire/detail/msgpack_octets.hpp>

#include <fmt/format.h>

#include <msgpack.hpp>
#include <stdexcept>

namespace troupe::wire::detail {
namespace {

/// What msgpack-cxx writes to.
struct Sink {
  Bytes& out;
  void write(const char* data, std::size_t size) {
    const auto* octets = reinterpret_cast<const std::byte*>(data);
    out.insert(out.end(), octets, octets + size);
  }
};

msgpack::packer<Sink> packer(Sink& sink) { return msgpack::packer<Sink>(sink); }

std::uint32_t length(std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max()) throw std::invalid_argument("too long for MessagePack");
  return static_cast<std::uint32_t>(size);
}

/// msgpack-cxx's events, written down as nodes. Announced lengths are believed only once their elements have come.
struct Visitor : msgpack::null_visitor {
  Visitor(std::size_t octets, std::size_t depth) : document(octets / 4 + 4), max_depth(depth) {}

  bool visit_nil() {
    document.add_null();
    return true;
  }
  bool visit_boolean(bool value) {
    document.add_boolean(value);
    return true;
  }
  bool visit_positive_integer(std::uint64_t value) {
    document.add_unsigned(value);
    return true;
  }
  bool visit_negative_integer(std::int64_t value) {
    document.add_signed(value);
    return true;
  }
  bool visit_float32(float value) { return visit_float64(value); }
  bool visit_float64(double value) {
    document.add_real(value);
    return true;
  }
  bool visit_str(const char* text, std::uint32_t size) {
    document.add_text(NodeKind::string, {text, size});
    return true;
  }
  bool visit_bin(const char* octets, std::uint32_t size) {
    document.add_text(NodeKind::bytes, {octets, size});
    return true;
  }
  bool visit_ext(const char*, std::uint32_t) {
    stopped = "holds an extension type";
    return false;
  }
  bool start_array(std::uint32_t items) { return open(NodeKind::array, items); }
  bool end_array() { return close(); }
  bool start_map(std::uint32_t members) { return open(NodeKind::object, members); }
  bool end_map() { return close(); }
  void parse_error(std::size_t, std::size_t) { stopped = "is not MessagePack"; }
  void insufficient_bytes(std::size_t, std::size_t) { stopped = "ends too early"; }
  // Text and bytes stay where they came from.
  bool referenced() const { return true; }
  void set_referenced(bool) {}

  bool open(NodeKind kind, std::uint32_t size) {
    if (document.depth() == max_depth) {
      stopped = fmt::format("is nested deeper than {} levels", max_depth);
      return false;
    }
    document.open(kind);
    sizes.push_back(size);
    return true;
  }
  bool close() {
    document.close(sizes.back());
    sizes.pop_back();
    return true;
  }

  Document document;
  std::size_t max_depth;
  std::vector<std::uint32_t> sizes;  // of the open containers
  std::string stopped;               // why, where parsing ended early
};

}  // namespace

std::optional<Document> parse_msgpack(std::span<const std::byte> octets, const MsgpackLimits& limits,
                                      std::vector<Fault>& faults) {
  if (octets.size() > limits.max_bytes) {
    add_fault(faults, Path(), fmt::format("is larger than {} bytes", limits.max_bytes));
    return std::nullopt;
  }
  Visitor visitor(octets.size(), limits.max_depth);
  std::size_t read = 0;
  const bool complete = msgpack::parse(reinterpret_cast<const char*>(octets.data()), octets.size(), read, visitor);
  if (!complete && visitor.stopped.empty()) visitor.stopped = "is not MessagePack";
  if (complete && read != octets.size()) visitor.stopped = "is followed by more octets";
  if (!visitor.stopped.empty()) {
    add_fault(faults, Path(), std::move(visitor.stopped));
    return std::nullopt;
  }
  return std::move(visitor.document);
}

void throw_no_enumerator(std::string_view type) {
  throw std::invalid_argument(fmt::format("{} has no enumerator of this value", type));
}

void MsgpackWriter::nil() {
  Sink sink{out_};
  packer(sink).pack_nil();
}

void MsgpackWriter::boolean(bool value) {
  Sink sink{out_};
  auto pack = packer(sink);
  value ? pack.pack_true() : pack.pack_false();
}

void MsgpackWriter::signed_integer(std::int64_t value) {
  Sink sink{out_};
  packer(sink).pack_int64(value);
}

void MsgpackWriter::unsigned_integer(std::uint64_t value) {
  Sink sink{out_};
  packer(sink).pack_uint64(value);
}

void MsgpackWriter::real(double value) {
  Sink sink{out_};
  packer(sink).pack_double(value);
}

void MsgpackWriter::real(float value) {
  Sink sink{out_};
  packer(sink).pack_float(value);
}

void MsgpackWriter::string(std::string_view text) {
  Sink sink{out_};
  auto pack = packer(sink);
  pack.pack_str(length(text.size()));
  pack.pack_str_body(text.data(), length(text.size()));
}

void MsgpackWriter::bytes(std::span<const std::byte> octets) {
  Sink sink{out_};
  auto pack = packer(sink);
  pack.pack_bin(length(octets.size()));
  pack.pack_bin_body(reinterpret_cast<const char*>(octets.data()), length(octets.size()));
}

void MsgpackWriter::open_array(std::size_t items) {
  Sink sink{out_};
  packer(sink).pack_array(length(items));
}

void MsgpackWriter::open_map(std::size_t members) {
  Sink sink{out_};
  packer(sink).pack_map(length(members));
}

void MsgpackWriter::open_aggregate(std::size_t fields) {
  if (encoding_ == Encoding::keyed) {
    open_map(fields);
  } else {
    open_array(fields);
  }
}

void MsgpackWriter::open_alternative(std::size_t index, std::string_view alternative) {
  if (encoding_ == Encoding::keyed) {
    open_map(1);
  } else {
    open_array(2);
  }
  name(index, alternative);
}

void MsgpackWriter::name(std::size_t index, std::string_view name) {
  if (encoding_ == Encoding::keyed) {
    string(name);
  } else {
    unsigned_integer(index);
  }
}

}  // namespace troupe::wire::detail
