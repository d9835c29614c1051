// Makes everything in static/vendor/ and templates/icons.svg from the packages of package-lock.json: `npm ci && npm run vendor`.
// The output is committed, so that serving needs neither Node nor a network.
import { build } from "esbuild";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import subsetFont from "subset-font";

const vendor = dirname(fileURLToPath(import.meta.url));
const root = join(vendor, "..", "..");
const modules = join(root, "node_modules");

/** What a drawing or a formula in plain text may contain: Latin, Greek, punctuation, scripts, arrows, operators, letterlike signs. */
const CHARACTERS = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x2b0, 0x2ff],
  [0x370, 0x3ff],
  [0x1d2c, 0x1d6a],
  [0x1e20, 0x1e21],
  [0x2010, 0x205f],
  [0x2070, 0x209f],
  [0x20d7, 0x20d7],
  [0x2102, 0x2148],
  [0x2150, 0x215e],
  [0x2190, 0x21ff],
  [0x2200, 0x22ff],
  [0x2300, 0x23ff],
  [0x25a0, 0x25ff],
  [0x2713, 0x2717],
];

/** @type {[string, string][]} source (in node_modules) and name here */
const FONTS = [
  ["inter-ui/web/Inter-Regular.woff2", "inter-400.woff2"],
  ["inter-ui/web/Inter-SemiBold.woff2", "inter-600.woff2"],
  ["@fontsource/stix-two-text/files/stix-two-text-latin-400-italic.woff2", "stix-two-text-italic-400.woff2"],
  ["@fontsource/stix-two-text/files/stix-two-text-greek-400-italic.woff2", "stix-two-text-italic-400-greek.woff2"],
  ["@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2", "jetbrains-mono-400.woff2"],
  ["@fontsource/jetbrains-mono/files/jetbrains-mono-greek-400-normal.woff2", "jetbrains-mono-400-greek.woff2"],
  // For exports that draw text as paths: the letters and signs that Inter lacks, such as ᵀ and ⊙.
  ["@fontsource/noto-sans/files/noto-sans-latin-ext-400-normal.woff2", "noto-sans-400.woff2"],
  ["@fontsource/noto-sans-math/files/noto-sans-math-latin-400-normal.woff2", "noto-sans-math-400.woff2"],
];

const ICONS = [
  "skip-back",
  "chevron-left",
  "chevron-right",
  "skip-forward",
  "ellipsis",
  "columns-2",
  "play",
  "pause",
  "sun",
  "moon",
  "contrast",
  "sun-moon",
  "circle-question-mark",
  "panel-left",
  "panel-right",
  "share-2",
  "maximize",
  "minimize",
  "zoom-in",
  "zoom-out",
  "scan",
  "triangle-alert",
  "info",
  "x",
  "terminal",
  "list",
  "book-open",
  "copy",
  "check",
  "table-2",
  "code",
  "network",
  "loader-circle",
  "chevron-down",
  "external-link",
  "lightbulb",
  "rotate-ccw",
  "gauge",
  "link",
  "eye",
  "search",
  "undo-2",
  "plus",
  "square",
];

/** Packages whose code, fonts or drawings end up in the committed files. */
const PACKAGES = [
  "codemirror",
  "@codemirror/autocomplete",
  "@codemirror/commands",
  "@codemirror/lang-python",
  "@codemirror/language",
  "@codemirror/lint",
  "@codemirror/search",
  "@codemirror/state",
  "@codemirror/view",
  "@lezer/common",
  "@lezer/highlight",
  "@lezer/lr",
  "@lezer/python",
  "@marijn/find-cluster-break",
  "crelt",
  "style-mod",
  "w3c-keyname",
  "katex",
  "inter-ui",
  "@fontsource/stix-two-text",
  "@fontsource/jetbrains-mono",
  "@fontsource/noto-sans",
  "@fontsource/noto-sans-math",
  "lucide-static",
];

async function codemirror() {
  await mkdir(join(vendor, "codemirror"), { recursive: true });
  // Its exports are those of the entry, so the entry is also its type declaration.
  await cp(join(vendor, "codemirror.entry.mjs"), join(vendor, "codemirror", "codemirror.d.ts"));
  await build({
    entryPoints: [join(vendor, "codemirror.entry.mjs")],
    outfile: join(vendor, "codemirror", "codemirror.js"),
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    legalComments: "none",
    banner: { js: "/* CodeMirror 6 and Lezer, MIT licence, see ../LICENSES.txt; made by ../build.mjs */" },
  });
}

const CLASSIC = "reveal-gradwalk.global.js";
const QUARTO = join(root, "docs", "slides", "quarto", "_extensions", "gradwalk");

/** The reveal.js plugin as one classic script, for decks opened as a file, where a browser loads no modules, and for Quarto. */
async function plugin(...to) {
  const [first, ...copies] = to.length ? to : [join(root, "static", CLASSIC), join(QUARTO, CLASSIC)];
  await build({
    entryPoints: [join(root, "static", "reveal-gradwalk.js")],
    outfile: first,
    bundle: true,
    format: "iife",
    globalName: "GradwalkPlugin",
    footer: { js: "var Gradwalk = GradwalkPlugin.default;" },
    minify: true,
    target: "es2022",
    banner: { js: "/* Gradwalk's reveal.js plugin as a classic script; made from reveal-gradwalk.js by vendor/build.mjs */" },
  });
  for (const copy of copies) await cp(first, copy);
}

async function katex() {
  const from = join(modules, "katex", "dist");
  const to = join(vendor, "katex");
  await rm(to, { recursive: true, force: true });
  await mkdir(join(to, "fonts"), { recursive: true });
  await build({
    entryPoints: [join(from, "katex.mjs")],
    outfile: join(to, "katex.js"),
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    legalComments: "none",
    banner: { js: "/* KaTeX, MIT licence, see ../LICENSES.txt */" },
  });
  for (const name of await readdir(join(from, "fonts"))) {
    if (name.endsWith(".woff2")) await cp(join(from, "fonts", name), join(to, "fonts", name));
  }
  await writeFile(join(to, "katex.d.ts"), 'export { default } from "katex";\n');
  const css = await readFile(join(from, "katex.min.css"), "utf8");
  await writeFile(join(to, "katex.css"), css.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)/g, ""));
}

async function fonts() {
  await mkdir(join(vendor, "fonts"), { recursive: true });
  const text = CHARACTERS.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)),
  ).join("");
  for (const [source, name] of FONTS) {
    const whole = await readFile(join(modules, source));
    const font = /^inter-ui|noto/.test(source) ? await subsetFont(whole, text, { targetFormat: "woff2" }) : whole;
    await writeFile(join(vendor, "fonts", name), font);
  }
}

async function icons() {
  const symbols = await Promise.all(
    ICONS.map(async (name) => {
      const svg = await readFile(join(modules, "lucide-static", "icons", `${name}.svg`), "utf8");
      const shapes = svg
        .replace(/<!--.*?-->/gs, "")
        .replace(/^\s*<svg[^>]*>|<\/svg>\s*$/gs, "")
        .replace(/\s*\n\s*/g, "");
      return `<symbol id="icon-${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
    }),
  );
  const head =
    '<svg class="icons" xmlns="http://www.w3.org/2000/svg" width="0" height="0" aria-hidden="true" focusable="false">';
  await writeFile(
    join(root, "templates", "icons.svg"),
    `<!-- Lucide, ISC licence; made by static/vendor/build.mjs -->\n${head}\n${symbols.join("\n")}\n</svg>\n`,
  );
}

async function licences() {
  const parts = await Promise.all(
    PACKAGES.map(async (name) => {
      const folder = join(modules, name);
      const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      const file = (await readdir(folder)).find((entry) => /^licen[sc]e/i.test(entry));
      const text = file ? await readFile(join(folder, file), "utf8") : "";
      return { name, version, license, text };
    }),
  );
  const list = parts.map(({ name, version, license }) => `${name} ${version} (${license})`).join("\n");
  const texts = parts
    .map(({ name, version, text }) => `${"=".repeat(80)}\n${name} ${version}\n${"=".repeat(80)}\n${text.trim()}\n`)
    .join("\n");
  await writeFile(join(vendor, "LICENSES.txt"), `Made by build.mjs from package-lock.json.\n\n${list}\n\n${texts}`);
}

const made = { codemirror, katex, fonts, icons, licences, plugin };
/** What to make, by name, each with where to put it if not in its place: `plugin=made.js`. @type {Record<string, string[]>} */
const chosen = Object.fromEntries(
  process.argv.slice(2).map((argument) => {
    const [name = "", ...to] = argument.split("=");
    return [name, to];
  }),
);
const all = process.argv.length <= 2;
await Promise.all(Object.entries(made).map(([name, make]) => (all || chosen[name]) && make(...(chosen[name] ?? []))));
