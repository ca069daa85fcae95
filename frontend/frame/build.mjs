// Puts the libraries of interactive outputs into ../dist/frame: each compressed, under a name with its version, beside
// a list of what there is. They are served as they come from their makers.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, gzipSync } from "node:zlib";

const here = new URL(".", import.meta.url);
const out = new URL("../dist/frame/", here);
// In the order in which a library's files are loaded.
const libraries = {
  plotly: ["plotly.js-dist-min", ["plotly.min.js"]],
  bokeh: ["@bokeh/bokehjs", ["build/js/bokeh.min.js", "build/js/bokeh-widgets.min.js", "build/js/bokeh-tables.min.js", "build/js/bokeh-api.min.js"]],
  vega: ["vega", ["build/vega.min.js"]],
  "vega-lite": ["vega-lite", ["build/vega-lite.min.js"]],
  "vega-embed": ["vega-embed", ["build/vega-embed.min.js"]],
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const list = {};
let licences = "";
for (const [name, [pack, files]] of Object.entries(libraries)) {
  const root = new URL(`node_modules/${pack}/`, here);
  const { version } = JSON.parse(readFileSync(new URL("package.json", root)));
  list[name] = { version, files: [] };
  for (const file of files) {
    const base = file.split("/").pop().replace(/\.min\.js$|\.js$/, "");
    const address = `${base}-${version}.js`;
    writeFileSync(new URL(`${address}.gz`, out), gzipSync(readFileSync(new URL(file, root)), { level: constants.Z_BEST_COMPRESSION }));
    list[name].files.push(address);
  }
  for (const file of ["LICENSE", "LICENSE.txt"]) {
    try {
      licences += `${pack} ${version}\n\n${readFileSync(new URL(file, root), "utf8")}\n\n`;
      break;
    } catch {}
  }
}
writeFileSync(new URL("libraries.json", out), JSON.stringify(list, null, 1) + "\n");
writeFileSync(new URL("LICENSES.txt", out), licences);
