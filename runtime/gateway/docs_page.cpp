#include <troupe/gateway/docs_page.hpp>

namespace troupe::gateway {
namespace {

constexpr std::string_view before_title = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>)html";

constexpr std::string_view after_title = R"html(</title>
<style>
:root { color-scheme: light dark; --line: #8884; --get: #2563eb; --post: #15803d; --put: #b45309; --delete: #b91c1c }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap }
header label { margin-left: auto }
h2 { border-bottom: 1px solid var(--line); text-transform: capitalize }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem }
summary { cursor: pointer }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700 }
.get { color: var(--get) } .post { color: var(--post) } .put { color: var(--put) } .delete { color: var(--delete) }
code, pre, textarea, input { font: 13px/1.5 ui-monospace, monospace }
pre, textarea { width: 100%; box-sizing: border-box; overflow: auto; background: #8881; padding: .5rem }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: .2rem .5rem; vertical-align: top }
</style>
</head>
<body>
<header><h1 id="title"></h1><a href="openapi.json">openapi.json</a>
<label>Token <input id="token" type="password" autocomplete="off" size="30"></label></header>
<main id="calls">Loading…</main>
<script>
)html";

constexpr std::string_view script = R"js('use strict';
let api;
const make = (tag, props = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
};
const resolve = (node) => {
  while (node && node.$ref) node = node.$ref.slice(2).split('/').reduce((at, key) => at[key], api);
  return node || {};
};
// One line for each field, those of nested objects indented.
const outline = (schema, depth = 0) => {
  schema = resolve(schema);
  if (schema.anyOf) schema = resolve(schema.anyOf[0]);
  if (depth > 6) return '…';
  if (schema.type === 'array') return '[ ' + outline(schema.items, depth) + ' ]';
  if (!schema.properties) {
    const limits = ['minLength', 'maxLength', 'minimum', 'maximum', 'default', 'format']
        .filter((name) => name in schema).map((name) => name + ' ' + schema[name]);
    if (schema.enum) limits.push(schema.enum.join(' | '));
    if (schema.description) limits.push(schema.description);
    return [].concat(schema.type).join(' or ') + (limits.length ? ' (' + limits.join(', ') + ')' : '');
  }
  const indent = '  '.repeat(depth + 1);
  const required = new Set(schema.required || []);
  const lines = Object.entries(schema.properties).map(([name, field]) =>
      indent + name + (required.has(name) ? '' : '?') + ': ' + outline(field, depth + 1));
  return '{\n' + lines.join('\n') + '\n' + '  '.repeat(depth) + '}';
};
const example = (schema, depth = 0) => {
  schema = resolve(schema);
  if (schema.anyOf) schema = resolve(schema.anyOf[0]);
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'array') return depth > 6 ? [] : [example(schema.items, depth + 1)];
  if (schema.properties) {
    const required = new Set(schema.required || []);
    return Object.fromEntries(Object.entries(schema.properties).filter(([name]) => required.has(name))
        .map(([name, field]) => [name, example(field, depth + 1)]));
  }
  const type = [].concat(schema.type)[0];
  return type === 'integer' || type === 'number' ? schema.minimum || 0 : type === 'boolean' ? false : '';
};
const tryIt = (path, method, operation, parameters, body) => {
  const inputs = parameters.map((parameter) => ({parameter, input: make('input', {size: 40})}));
  const text = body && make('textarea', {rows: 8, value: JSON.stringify(example(body), null, 2)});
  const output = make('pre', {hidden: true});
  const send = async () => {
    const headers = {};
    const query = new URLSearchParams();
    let target = path;
    for (const {parameter, input} of inputs) {
      if (parameter.in === 'path') target = target.replace('{' + parameter.name + '}', encodeURIComponent(input.value));
      else if (!input.value) continue;
      else if (parameter.in === 'query') query.set(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if ([...query].length) target += '?' + query;
    const token = document.getElementById('token').value.trim();
    if (token) headers.Authorization = 'Bearer ' + token;
    if (text) headers['Content-Type'] = 'application/json';
    output.hidden = false;
    output.textContent = '…';
    try {
      const answer = await fetch(target, {method: method.toUpperCase(), headers, body: text && text.value});
      let content = await answer.text();
      try { content = JSON.stringify(JSON.parse(content), null, 2); } catch { /* it is shown as it came */ }
      const fields = [...answer.headers].map(([name, value]) => name + ': ' + value).join('\n');
      output.textContent = answer.status + ' ' + answer.statusText + '\n' + fields + '\n\n' + content;
    } catch (error) {
      output.textContent = String(error);
    }
  };
  const rows = inputs.map(({parameter, input}) => make('tr', {}, make('td', {}, make('code', {textContent:
      parameter.name})), make('td', {textContent: parameter.in}), make('td', {}, input),
      make('td', {textContent: (parameter.description || '') + ' ' + outline(parameter.schema)})));
  return make('div', {}, make('table', {}, ...rows), ...(text ? [text] : []),
      make('button', {textContent: 'Send', onclick: send}), output);
};
const show = (path, method, operation) => {
  const parameters = (operation.parameters || []).map(resolve);
  const content = operation.requestBody && resolve(operation.requestBody).content['application/json'];
  const body = content && content.schema;
  const answers = Object.entries(operation.responses).map(([status, response]) => {
    const media = Object.values(resolve(response).content || {})[0];
    const shown = media && status < 400 ? [make('pre', {textContent: outline(media.schema)})] : [];
    return make('tr', {}, make('td', {textContent: status}),
        make('td', {}, resolve(response).description, ...shown));
  });
  return make('details', {}, make('summary', {}, make('span', {className: 'method ' + method, textContent:
      method.toUpperCase()}), make('code', {textContent: path}), ' ' + operation.summary),
      make('p', {textContent: operation.description || ''}),
      ...(body ? [make('h4', {textContent: 'Body'}), make('pre', {textContent: outline(body)})] : []),
      make('h4', {textContent: 'Answers'}), make('table', {}, ...answers),
      make('h4', {textContent: 'Try it'}), tryIt(path, method, operation, parameters, body));
};
fetch('openapi.json').then((answer) => answer.json()).then((document_) => {
  api = document_;
  document.getElementById('title').textContent = api.info.title + ' ' + api.info.version;
  const main = document.getElementById('calls');
  main.textContent = '';
  for (const tag of api.tags) {
    main.append(make('h2', {textContent: tag.name}));
    for (const [path, operations] of Object.entries(api.paths))
      for (const [method, operation] of Object.entries(operations))
        if (operation.tags && operation.tags.includes(tag.name)) main.append(show(path, method, operation));
  }
}).catch((error) => { document.getElementById('calls').textContent = 'openapi.json cannot be shown: ' + error; });
)js";

constexpr std::string_view end = "</script>\n</body>\n</html>\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string docs_page(std::string_view title) {
  std::string page(before_title);
  page.append(escaped(title)).append(after_title).append(script).append(end);
  return page;
}

}  // namespace troupe::gateway
