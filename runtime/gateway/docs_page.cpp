#include "runtime/gateway/docs_page.hpp"
namespace troupe::gateway {
std::string docs_page(std::string_view) { return "<html>"; }
}
