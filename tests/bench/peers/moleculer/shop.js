"use strict";
// The order flow and GET /products/:id on one Moleculer broker behind moleculer-web, in memory: a token names a user, a
// product gives up stock, an order is recorded. Serves on a port chosen by the system and prints "ready gateway=…".
const { ServiceBroker, Errors } = require("moleculer");
const ApiGateway = require("moleculer-web");

const USERS = 8;
const PRODUCTS = 200;
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

async function main() {
  const broker = new ServiceBroker({ logger: false });
  for (const service of [user, product, order]) broker.createService(service);
  const web = broker.createService(gateway);
  await broker.start();
  console.log(`ready gateway=127.0.0.1:${web.server.address().port}`);
}

main();
