#include <troupe/wire/schema.hpp>

#include <algorithm>

#include <troupe/wire/hash.hpp>

namespace troupe::wire {
namespace {

class Describer {
 public:
  std::string take() { return std::move(out_); }

  void add(const Schema& schema) {
    switch (schema.shape) {
      case Shape::boolean:
        out_ += "bool";
        break;
      case Shape::integer:
        out_ += (schema.is_signed ? "i" : "u") + std::to_string(schema.bits);
        break;
      case Shape::real:
        out_ += "f" + std::to_string(schema.bits);
        break;
      case Shape::string:
        out_ += "string";
        break;
      case Shape::bytes:
        out_ += "bytes";
        break;
      case Shape::time:
        out_ += "time";
        break;
      case Shape::duration:
        out_ += "duration";
        break;
      case Shape::id:
        out_ += "id";
        break;
      case Shape::text:
        out_ += "text";
        break;
      case Shape::enumeration:
        add_enumeration(schema);
        break;
      case Shape::optional:
        add_wrapped("optional<", schema, ">");
        break;
      case Shape::list:
        add_wrapped("list<", schema, ">");
        break;
      case Shape::array:
        add_wrapped("array<", schema, "," + std::to_string(schema.size) + ">");
        break;
      case Shape::set:
        add_wrapped("set<", schema, ">");
        break;
      case Shape::map:
        out_ += "map<";
        add(schema.key());
        add_wrapped(",", schema, ">");
        break;
      case Shape::variant:
        add_variant(schema);
        break;
      case Shape::aggregate:
        add_aggregate(schema);
        break;
      case Shape::none:
        break;  // no type that compiles
    }
  }

 private:
  void add_enumeration(const Schema& schema) {
    out_ += "enum(";
    for (std::string_view name : schema.enumerators) out_.append(name).append(",");
    out_ += ')';
  }

  void add_wrapped(std::string_view before, const Schema& schema, std::string_view after) {
    out_ += before;
    add(schema.element());
    out_ += after;
  }

  void add_variant(const Schema& schema) {
    out_ += "variant(";
    for (const SchemaAlternative& alternative : schema.alternatives) {
      out_.append(alternative.name).append(":");
      add(alternative.schema());
      out_ += ',';
    }
    out_ += ')';
  }

  void add_aggregate(const Schema& schema) {
    const auto open = std::find(open_.rbegin(), open_.rend(), &schema);
    if (open != open_.rend()) {
      out_ += '^' + std::to_string(open - open_.rbegin() + 1);
      return;
    }
    open_.push_back(&schema);
    out_ += '{';
    for (const SchemaField& field : schema.fields) {
      out_.append(field.name).append(":");
      add(field.schema());
      out_ += ',';
    }
    out_ += '}';
    open_.pop_back();
  }

  std::string out_;
  std::vector<const Schema*> open_;  // the aggregates that this one stands in
};

}  // namespace

std::string describe(const Schema& schema) {
  Describer describer;
  describer.add(schema);
  return describer.take();
}

std::uint64_t fingerprint(const Schema& schema) { return stable_hash(describe(schema)); }

}  // namespace troupe::wire
