#include <troupe/node/detail/make_services.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/loop/clock.hpp>
#include <troupe/node/data_layout.hpp>

namespace troupe::node {

namespace {

std::string random_text(std::size_t length) {
  constexpr std::string_view letters = "abcdefghjkmnpqrstvwxyz0123456789";
  static_assert(letters.size() == 32);
  std::string text;
  for (const std::byte b : loop::system_secret(length)) text += letters[static_cast<std::size_t>(b) % 32];
  return text;
}

std::vector<gateway::TokenKey> token_keys(const Application& application, const NodeOptions& options, NodeData& data) {
  const std::string& variable = application.token_key_variable();
  if (const auto text = variable.empty() ? std::nullopt : options.environment(variable)) {
    if (const auto key = gateway::parse_token_key(*text)) return {*key};
    throw std::invalid_argument(variable +
                                " is not a token key; it must be 32 bytes in base64url without padding; make "
                                "one with `" +
                                application.name() + " secret`\n");
  }
  if (const auto kept = data.kept_beside_secret(token_key_secret)) {
    options.log.info("tokens are signed by a key that is kept, not by one of `secret`", {{"file", kept->string()}});
  }
  return data.secrets(token_key_secret);
}

}  // namespace

std::shared_ptr<Services> make_services(const Application& application, const topology::Node& node,
                                        const NodeOptions& options, NodeData& data) {
  auto services = std::make_shared<Services>();
  services->signer = std::make_shared<gateway::TokenSigner>(token_keys(application, options, data));
  services->environment = options.environment;
  services->random_text = &random_text;
  services->print = options.print;
  if (node.gateway) {
    services->gateway_address = topology::to_string(*node.gateway);
    services->gateway_is_loopback = topology::is_loopback(*node.gateway);
  }
  return services;
}

}  // namespace troupe::node
