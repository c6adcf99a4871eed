import assert from "node:assert/strict";
import { test } from "node:test";

import { {{name.pascal}} } from "./{{name.pascal}}.js";

const props = { {{#each prop in props}}{{prop.camel}}: "<{{prop.camel}}>"{{#if not last}}, {{#end}}{{#end}} };

test("{{name.pascal}} shows its properties as text, never as markup", () => {
  const html = new {{name.pascal}}(props).render();
{{#each prop in props}}
  assert.ok(html.includes("&lt;{{prop.camel}}&gt;"));
{{#end}}
  assert.ok(html.startsWith('<div class="{{name.kebab}}">'));
});
{{#each event in events}}

test("{{name.pascal}} keeps the handler of {{event.camel}}", () => {
  let calls = 0;
  new {{name.pascal}}(props, { on{{event.pascal}}: () => calls++ }).events.on{{event.pascal}}?.();
  assert.equal(calls, 1);
});
{{#end}}
