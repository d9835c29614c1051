// Reads a JSON list of LaTeX strings from stdin; prints a JSON list of [string, message] for those KaTeX refuses in strict mode.
import { readFileSync } from "node:fs";
import katex from "../../static/vendor/katex/katex.js";

const refused = [];
for (const tex of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    katex.renderToString(tex, { strict: "error", throwOnError: true, trust: false, displayMode: true, maxExpand: 200 });
  } catch (error) {
    refused.push([tex, String(error.message)]);
  }
}
process.stdout.write(JSON.stringify(refused));
