// Parses Mermaid diagrams with Mermaid itself; exits with 1 if it takes one for wrong.
//
// usage: node mermaid.mjs FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${process.env.NODE_TOOLS}/package.json`);
const load = async (name) => import(pathToFileURL(installed.resolve(name)).href);

const { JSDOM } = await load("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await load("mermaid");

for (const file of process.argv.slice(2)) {
  const { diagramType } = await mermaid.parse(readFileSync(file, "utf8"));
  console.log(`${file}: ${diagramType}`);
}
