"use strict";
// The order flow and GET /products/:id on Moleculer behind moleculer-web, in memory: a token names a user, a product
// gives up stock, an order is recorded. Serves on a port chosen by the system and prints "ready gateway=…".
// Arguments: bytes of a product's JSON; "split" for the user, product and order services each in a process of its own
// behind that of the gateway, over the TCP transporter, instead of all in one.
const { ServiceBroker, Errors } = require("moleculer");
const ApiGateway = require("moleculer-web");
const { endWithParent, freePorts, startNode, transporter } = require("./nodes");

const USERS = 8;
const PRODUCTS = 200;
const READY_LIMIT_MS = 30000;
const bodyBytes = Number(process.argv[2] || 300);

const user = {
  name: "user",
  created() {
    this.tokens = new Map(Array.from({ length: USERS }, (_, i) => [`token-${i}`, { id: `user-${i}` }]));
  },
  actions: {
    resolve(context) {
      return this.tokens.get(context.params.token) || null;
    },
  },
};

const product = {
  name: "product",
  created() {
    const sample = (id) => ({ id, name: "Teapot", price: { amount: 1999, currency: "USD" }, stock: 1e9, description: "" });
    const padding = Math.max(0, bodyBytes - JSON.stringify(sample("1")).length);
    this.products = new Map([["1", { ...sample("1"), description: "x".repeat(padding) }]]);
    for (let i = 0; i < PRODUCTS; i++) this.products.set(`product-${i}`, sample(`product-${i}`));
  },
  actions: {
    get(context) {
      const found = this.products.get(context.params.id);
      if (!found) throw new Errors.MoleculerClientError("not found", 404);
      return found;
    },
    reserve: {
      params: { id: "string", quantity: "number|integer|positive" },
      handler(context) {
        const found = this.products.get(context.params.id);
        if (!found) throw new Errors.MoleculerClientError("not found", 404);
        if (found.stock < context.params.quantity) throw new Errors.MoleculerClientError("out of stock", 422);
        found.stock -= context.params.quantity;
        return { name: found.name, unit_price: found.price };
      },
    },
  },
};

const order = {
  name: "order",
  dependencies: ["product"],
  created() {
    this.orders = new Map();
  },
  actions: {
    place: {
      params: { items: { type: "array", min: 1, max: 100, items: "object" } },
      async handler(context) {
        const items = [];
        let total = 0;
        for (const { product_id, quantity } of context.params.items) {
          const reserved = await context.call("product.reserve", { id: product_id, quantity });
          items.push({ product_id, quantity, ...reserved });
          total += reserved.unit_price.amount * quantity;
        }
        const now = new Date().toISOString();
        const placed = {
          id: `order-${this.orders.size}`,
          user_id: context.meta.user.id,
          status: "placed",
          items,
          total: { amount: total, currency: "USD" },
          created_at: now,
          updated_at: now,
        };
        this.orders.set(placed.id, placed);
        context.meta.$statusCode = 201;
        context.meta.$location = `/orders/${placed.id}`;
        return placed;
      },
    },
  },
};

const gateway = {
  name: "gateway",
  mixins: [ApiGateway],
  settings: {
    ip: "127.0.0.1",
    port: 0,
    routes: [
      { path: "/products", aliases: { "GET /:id": "product.get" }, mappingPolicy: "restrict" },
      {
        path: "/orders",
        authentication: true,
        aliases: { "POST /": "order.place" },
        mappingPolicy: "restrict",
        bodyParsers: { json: true },
      },
    ],
  },
  methods: {
    async authenticate(context, _route, request) {
      const token = (request.headers.authorization || "").replace(/^Bearer /, "");
      const found = await context.call("user.resolve", { token });
      if (!found) throw new ApiGateway.Errors.UnAuthorizedError("no token");
      return found;
    },
  },
};

const services = { user, product, order };

async function serveGateway(broker) {
  const web = broker.createService(gateway);
  await broker.start();
  await broker.waitForServices(Object.keys(services), READY_LIMIT_MS);
  console.log(`ready gateway=127.0.0.1:${web.server.address().port}`);
}

async function serveAll() {
  const broker = new ServiceBroker({ logger: false });
  for (const service of Object.values(services)) broker.createService(service);
  await serveGateway(broker);
}

async function serveSplit() {
  const names = ["gateway", ...Object.keys(services)];
  const ports = await freePorts(names.length);
  const urls = Object.fromEntries(names.map((name, i) => [name, `127.0.0.1:${ports[i]}`]));
  for (const name of Object.keys(services)) startNode(__filename, [String(bodyBytes), "node", name, JSON.stringify(urls)]);
  await serveGateway(new ServiceBroker({ nodeID: "gateway", logger: false, transporter: transporter(urls) }));
}

async function serveNode(name, urls) {
  endWithParent();
  const broker = new ServiceBroker({ nodeID: name, logger: false, transporter: transporter(urls) });
  broker.createService(services[name]);
  await broker.start();
}

const [, , , role, name, urls] = process.argv;
if (role === "node") serveNode(name, JSON.parse(urls));
else if (role === "split") serveSplit();
else serveAll();
