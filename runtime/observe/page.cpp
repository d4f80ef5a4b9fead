#include <troupe/observe/page.hpp>

namespace troupe::observe {

std::string_view admin_page() {
  static constexpr std::string_view page = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Troupe</title>
<style>
  :root { color-scheme: light dark; --line: #8884; --soft: #8888; --ok: #2a9d55; --bad: #d1383d; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 0 auto; padding: 1.5rem; }
  header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .5rem 1rem; }
  h1 { font-size: 1.4rem; margin: 0; }
  h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
  .badge { padding: .1rem .6rem; border-radius: 1rem; color: #fff; background: var(--soft); font-size: .85rem; }
  .ok { background: var(--ok); } .failing { background: var(--bad); }
  dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .75rem 1.5rem; }
  dt { font-size: .8rem; opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
  th { font-weight: 600; font-size: .8rem; }
  .number { text-align: right; }
  input { font: inherit; padding: .25rem .5rem; width: min(100%, 24rem); }
  pre { overflow: auto; max-height: 24rem; padding: .75rem; border: 1px solid var(--line); font-size: .8rem; }
  nav a { margin-right: 1rem; }
</style>
</head>
<body>
<header><h1 id="node">Troupe</h1><span id="ready" class="badge" role="status">loading</span><span id="trouble"></span></header>
<dl id="facts"></dl>
<h2>Checks</h2><div class="scroll"><table id="checks"></table></div>
<h2>Protocols</h2><div class="scroll"><table id="protocols"></table></div>
<h2>Dead letters</h2><div class="scroll"><table id="dead_letters"></table></div>
<h2>Loops</h2><div class="scroll"><table id="loops"></table></div>
<h2>Links</h2><div class="scroll"><table id="links"></table></div>
<h2>Breakers</h2><div class="scroll"><table id="breakers"></table></div>
<h2>Supervision</h2><div class="scroll"><table id="tree"></table></div>
<h2>Crash-looping</h2><div class="scroll"><table id="crash_looping"></table></div>
<h2>Metrics</h2>
<input id="filter" type="search" placeholder="Show metrics whose name contains ..." aria-label="Filter metrics">
<pre id="metrics" tabindex="0"></pre>
<nav><a href="status">/status</a><a href="readyz">/readyz</a><a href="livez">/livez</a><a href="metrics">/metrics</a><a href="dead-letters">/dead-letters</a></nav>
<script>
"use strict";
const byId = id => document.getElementById(id);
const number = new Intl.NumberFormat();
const title = key => key.replaceAll("_", " ");
let metrics = "";

function show(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? number.format(value) : String(value);
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

// All rows have the keys of the first: the node's documents carry every field.
function table(id, rows) {
  const target = byId(id);
  target.replaceChildren();
  if (!rows || rows.length === 0) return void target.append(element("caption", "none"));
  const keys = Object.keys(rows[0]);
  const isNumber = key => rows.every(row => typeof row[key] === "number");
  const line = (tag, cell) => {
    const row = document.createElement("tr");
    keys.forEach(key => row.append(element(tag, cell(key), isNumber(key) ? "number" : "")));
    target.append(row);
  };
  line("th", title);
  rows.forEach(row => line("td", key => show(row[key])));
}

// The tree as rows, each indented by its depth.
function rowsOf(node, depth) {
  const { children, name, ...rest } = node;
  return [{ name: "\u2003".repeat(depth) + name, ...rest }, ...children.flatMap(child => rowsOf(child, depth + 1))];
}

function facts(status) {
  const { loops, protocols, links, breakers, crash_looping, tree, gateway, node, ...rest } = status;
  rest.resident_bytes = (rest.resident_bytes / 1048576).toFixed(1) + " MiB";
  for (const [key, value] of Object.entries(gateway ?? {})) rest["gateway_" + key] = value;
  byId("facts").replaceChildren(...Object.entries(rest).map(([key, value]) => {
    const fact = document.createElement("div");
    fact.append(element("dt", title(key)), element("dd", show(value)));
    return fact;
  }));
}

function showMetrics() {
  const wanted = byId("filter").value.trim().toLowerCase();
  const lines = metrics.split("\n").filter(line => line && !line.startsWith("#"));
  byId("metrics").textContent = lines.filter(line => line.toLowerCase().includes(wanted)).join("\n");
}

async function refresh() {
  try {
    const [status, ready, letters, text] = await Promise.all([
      fetch("status").then(answer => answer.json()),
      fetch("readyz").then(answer => answer.json()),
      fetch("dead-letters").then(answer => answer.json()),
      fetch("metrics").then(answer => answer.text())]);
    document.title = status.node + " - Troupe";
    byId("node").textContent = status.node;
    byId("ready").textContent = ready.status === "ok" ? "ready" : "not ready";
    byId("ready").className = "badge " + ready.status;
    byId("trouble").textContent = "";
    facts(status);
    table("checks", ready.checks);
    table("protocols", status.protocols);
    table("dead_letters", letters.dead_letters);
    table("loops", status.loops);
    table("links", status.links);
    table("breakers", status.breakers);
    table("tree", rowsOf(status.tree, 0));
    table("crash_looping", status.crash_looping);
    metrics = text;
    showMetrics();
  } catch (error) {
    byId("ready").textContent = "unreachable";
    byId("ready").className = "badge failing";
    byId("trouble").textContent = "The node does not answer; what you see is old.";
  }
  setTimeout(refresh, 2000);
}

byId("filter").addEventListener("input", showMetrics);
refresh();
</script>
</body>
</html>
)html";
  return page;
}

}  // namespace troupe::observe
