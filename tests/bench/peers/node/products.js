"use strict";
// GET /products/1 on Node's own http server, one process. Serves on a port chosen by the system.
const http = require("http");

const bodyBytes = Number(process.argv[2] || 300);
const product = { id: "1", name: "Teapot", price: { amount: 1999, currency: "USD" }, description: "" };
product.description = "x".repeat(Math.max(0, bodyBytes - JSON.stringify(product).length));

const server = http.createServer((request, response) => {
  const found = request.method === "GET" && request.url === "/products/1";
  const body = found ? JSON.stringify(product) : "{}";
  response.writeHead(found ? 200 : 404, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
});

server.listen(0, "127.0.0.1", () => console.log(`ready gateway=127.0.0.1:${server.address().port}`));
