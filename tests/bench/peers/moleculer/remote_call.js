"use strict";
// Calls between the services of two Moleculer brokers in two processes over the TCP transporter, with 1, 64 and 512 in
// flight. Prints samples; the CPU is that of both processes. Arguments: seconds of each measurement.
const { ServiceBroker } = require("moleculer");
const { execFileSync } = require("child_process");
const fs = require("fs");
const { endWithParent, freePorts, startNode, transporter } = require("./nodes");

const IN_FLIGHT = [1, 64, 512];
const WARM_UP_SHARE = 0.25;

const replier = { name: "replier", actions: { ask: (context) => context.params.number + 1 } };

async function serve(urls) {
  endWithParent();
  const broker = new ServiceBroker({ nodeID: "server", logger: false, transporter: transporter(urls) });
  broker.createService(replier);
  await broker.start();
}

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"]));

// User and system time of a process, in seconds. The second field may hold blanks: count from its parenthesis.
function cpuSeconds(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function measure(broker, inFlight, seconds) {
  const begin = process.hrtime.bigint();
  const end = begin + BigInt(Math.round(seconds * 1e9));
  const eachMicroseconds = [];
  let asked = 0;
  const lane = async () => {
    for (let started = begin; started < end; ) {
      await broker.call("replier.ask", { number: ++asked });
      const now = process.hrtime.bigint();
      if (inFlight === 1) eachMicroseconds.push(Number(now - started) / 1e3);
      started = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { calls: asked, seconds: Number(process.hrtime.bigint() - begin) / 1e9, eachMicroseconds };
}

const print = (name, value, unit) => console.log(JSON.stringify({ name, value, unit }));

async function main(seconds) {
  const ports = await freePorts(2);
  const urls = { server: `127.0.0.1:${ports[0]}`, client: `127.0.0.1:${ports[1]}` };
  const server = startNode(__filename, ["serve", JSON.stringify(urls)]);
  const broker = new ServiceBroker({ nodeID: "client", logger: false, transporter: transporter(urls) });
  await broker.start();
  await broker.waitForServices("replier", 20000);
  await measure(broker, 64, seconds * WARM_UP_SHARE);
  for (const inFlight of IN_FLIGHT) {
    const before = cpuSeconds(server.pid) + cpuSeconds(process.pid);
    const run = await measure(broker, inFlight, seconds);
    const cpu = cpuSeconds(server.pid) + cpuSeconds(process.pid) - before;
    if (inFlight === 1) {
      const sorted = run.eachMicroseconds.sort((a, b) => a - b);
      print("p50_1", sorted[Math.floor(sorted.length / 2)], "us");
      print("p99_1", sorted[Math.floor(sorted.length * 0.99)], "us");
    }
    print(`rate_${inFlight}`, run.calls / run.seconds, "1/s");
    print(`cpu_${inFlight}`, (cpu * 1e6) / run.calls, "us");
  }
  process.exit(0);
}

if (process.argv[2] === "serve") serve(JSON.parse(process.argv[3]));
else main(Number(process.argv[2] || 2));
