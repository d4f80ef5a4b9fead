"use strict";
// Several Moleculer nodes on this machine, each a process of its own, that know each other's addresses.
const { spawn } = require("child_process");
const net = require("net");

// Ports that were free a moment ago.
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer());
  await Promise.all(servers.map((server) => new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

// urls: the address of each node by its name. They gossip each second instead of every other, to find each other sooner.
const transporter = (urls) => ({ type: "TCP", options: { udpDiscovery: false, urls, gossipPeriod: 1 } });

// The other process ends when its standard input does, which is when this one ends, however that is.
function startNode(script, options) {
  return spawn(process.execPath, [script, ...options], { stdio: ["pipe", "inherit", "inherit"] });
}

function endWithParent() {
  process.stdin.on("end", () => process.exit(0)).resume();
}

module.exports = { endWithParent, freePorts, startNode, transporter };
