// A program of two small domains and the gateway: speakers send, listeners crash on what they are told.
#include <troupe/cli/command_line.hpp>
#include "tests/testing/gossip.hpp"

int main(int argc, char** argv) {
  namespace gossip = troupe::testing::gossip;
  troupe::node::Application application("gossip", "1.0.0");
  application.add<gossip::speaker::Declaration>().add<gossip::listener::Declaration>();
  return troupe::cli::run(application, argc, argv);
}
