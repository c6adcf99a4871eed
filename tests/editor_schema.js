// Drives yaml-language-server over stdio, as an editor does: opens plans whose first line names their schema, and prints what
// the server says of them. usage: editor_schema.js SERVER FOLDER
"use strict";
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");

const [server, folder] = process.argv.slice(2);
const child = spawn(server, ["--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map(); // id -> what takes the answer
const watching = new Map(); // uri -> what takes the findings
let pending = Buffer.alloc(0);
let next = 1;

function send(message) {
	const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
	child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
	child.stdin.write(body);
}

function take(message) {
	if (message.method === "workspace/configuration") {
		send({ id: message.id, result: message.params.items.map(() => ({ completion: true, validate: true })) });
	} else if (message.method === "textDocument/publishDiagnostics") {
		const found = watching.get(message.params.uri);
		if (found)
			found(message.params.diagnostics);
	} else if (message.method && message.id !== undefined) {
		send({ id: message.id, result: null });
	} else if (message.id !== undefined && waiting.has(message.id)) {
		waiting.get(message.id)(message.result);
	}
}

child.stdout.on("data", (data) => {
	pending = Buffer.concat([pending, data]);
	for (;;) {
		const head = pending.indexOf("\r\n\r\n");
		const length = head < 0 ? null : /Content-Length: (\d+)/i.exec(pending.toString("ascii", 0, head));
		if (!length || pending.length < head + 4 + Number(length[1]))
			return;
		const end = head + 4 + Number(length[1]);
		const message = JSON.parse(pending.toString("utf8", head + 4, end));
		pending = pending.subarray(end);
		take(message);
	}
});

function ask(method, params) {
	const id = next++;
	const answer = new Promise((resolve) => waiting.set(id, resolve));
	send({ id, method, params });
	return answer;
}

function open(name, text) {
	const uri = pathToFileURL(path.join(folder, name)).href;
	const found = new Promise((resolve) => watching.set(uri, resolve));
	fs.writeFileSync(path.join(folder, name), text);
	send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
	return { uri, found };
}

async function main() {
	const line = "# yaml-language-server: $schema=belay-plan.schema.json\n";
	await ask("initialize", { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities: {
		textDocument: { publishDiagnostics: {}, completion: { completionItem: {} } }, workspace: { configuration: true } } });
	send({ method: "initialized", params: {} });
	const good = open("good.yaml", line + "belay: 1\nsteps:\n  - id: a\n    write: a.txt\n    content: a\n");
	console.log("good:", (await good.found).map((each) => each.message).join("; "));
	const bad = open("bad.yaml", line + "belay: 1\nsteps:\n  - id: a\n    read: x\nlimitz: { workers: 1 }\n");
	for (const each of await bad.found)
		console.log(`bad:${each.range.start.line + 1}: ${each.message}`);
	const half = open("half.yaml", line + "belay: 1\nsteps:\n  - id: a\n    \n");
	const items = await ask("textDocument/completion", { textDocument: { uri: half.uri }, position: { line: 4, character: 4 } });
	console.log("complete:", (items.items || items).map((each) => each.label).sort().join(" "));
	const hover = await ask("textDocument/hover", { textDocument: { uri: good.uri }, position: { line: 4, character: 5 } });
	console.log("hover:", JSON.stringify(hover && hover.contents));
	await ask("shutdown", null);
	send({ method: "exit" });
}

child.on("exit", (code) => process.exit(code || 0));
main().catch((error) => {
	console.error(error);
	child.kill();
	process.exitCode = 1;
});
