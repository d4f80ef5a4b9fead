"use strict";
// A call between two services of one Moleculer broker, 1 and 100 in flight, in nanoseconds. Prints samples.
const { ServiceBroker } = require("moleculer");

const calls = Number(process.argv[2] || 500000);

async function nanosecondsPerCall(broker, count, inFlight) {
  let asked = 0;
  const lane = async () => {
    while (asked < count) {
      asked++;
      await broker.call("replier.ask", { number: asked });
    }
  };
  const begin = process.hrtime.bigint();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return Number(process.hrtime.bigint() - begin) / count;
}

async function main() {
  const broker = new ServiceBroker({ logger: false });
  broker.createService({ name: "replier", actions: { ask: (context) => context.params.number + 1 } });
  await broker.start();
  await nanosecondsPerCall(broker, Math.ceil(calls / 5), 10);
  for (const inFlight of [1, 100]) {
    const value = await nanosecondsPerCall(broker, calls, inFlight);
    console.log(JSON.stringify({ name: `local_${inFlight}`, value, unit: "ns" }));
  }
  await broker.stop();
}

main();
