// What is pasted into slides: one short text a tool. Addresses are absolute.

/**
 * @typedef {{embed: string, picture: string, title: string, steps: number}} Shared `steps`: how many the shared part has
 * @typedef {{name: string, text: (shared: Shared) => string, note: string}} Tool
 */
import { strings } from "../strings.js";

/** Text within a double-quoted attribute. @param {string} text */
export function attribute(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** @param {Shared} shared */
export function frame({ embed, title }) {
  return `<iframe src="${attribute(embed)}" width="960" height="540"\n  title="${attribute(title)}"></iframe>`;
}

/** @type {Record<string, Tool>} */
export const TOOLS = {
  reveal: {
    name: "reveal.js",
    note: strings.share.tools.reveal,
    text: ({ embed, title }) =>
      [
        "<section>",
        `  <iframe data-gradwalk src="${attribute(`${embed}&keys=reveal`)}"`,
        `    width="960" height="480" title="${attribute(title)}"></iframe>`,
        "</section>",
        '<script type="module">',
        `  import Gradwalk from "${new URL(embed).origin}/static/reveal-gradwalk.js";`,
        "  Reveal.initialize({ plugins: [Gradwalk] });",
        "</script>",
      ].join("\n"),
  },
  quarto: {
    name: "Quarto",
    note: strings.share.tools.quarto,
    text: ({ embed, title }) =>
      `## ${title}\n\n\`\`\`{=html}\n<iframe class="r-stretch" data-external="1" src="${attribute(embed)}" title="${attribute(title)}"></iframe>\n\`\`\``,
  },
  slidev: {
    name: "Slidev",
    note: strings.share.tools.slidev,
    text: ({ embed, title }) =>
      `---\nlayout: full\n---\n\n<iframe src="${attribute(embed)}" class="w-full h-full" title="${attribute(title)}"></iframe>`,
  },
  marp: {
    name: "Marp",
    note: strings.share.tools.marp,
    text: ({ picture, title }) => `# ${title}\n\n![bg contain](${picture.replaceAll("(", "%28").replaceAll(")", "%29")})`,
  },
  beamer: {
    name: "Beamer",
    note: strings.share.tools.beamer,
    text: ({ steps }) =>
      [
        "% \\usepackage{graphicx,pgffor}",
        "\\begin{frame}",
        `  \\foreach \\k in {1,...,${steps}}{%`,
        "    \\includegraphics<\\k>[page=\\k,width=\\textwidth,height=.8\\textheight,keepaspectratio]{gradwalk.pdf}}",
        "\\end{frame}",
      ].join("\n"),
  },
  powerpoint: {
    name: "PowerPoint, Keynote, Google Slides",
    note: strings.share.tools.powerpoint,
    text: ({ picture }) => picture,
  },
  jupyter: {
    name: "Jupyter",
    note: strings.share.tools.jupyter,
    text: ({ embed }) => `from IPython.display import IFrame\n\nIFrame(${JSON.stringify(embed)}, width="100%", height=540)`,
  },
};
