#pragma once

#include "tests/http_client/connection.hpp"

namespace shop::testing {

using Json = boost::json::value;

using troupe::http_client::Answer;
using troupe::http_client::Body;
using troupe::http_client::bytes_of;
using troupe::http_client::Connection;
using troupe::http_client::ConnectionLost;
using troupe::http_client::describe;
using troupe::http_client::escaped;
using troupe::http_client::Header;
using troupe::http_client::Headers;
using troupe::http_client::Request;

}  // namespace shop::testing
