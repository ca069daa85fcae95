// Leaves of each built script and style what browsers are sent: compressed by brotli, and by gzip for those without. The
// icons that pages use become one picture, from which each takes its own.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const out = new URL("dist/app/", import.meta.url);
const icons = readFileSync(new URL("src/ui/icons.txt", import.meta.url), "utf8").trim().split(/\s+/);

let sprite = '<svg xmlns="http://www.w3.org/2000/svg">';
for (const name of icons) {
  const drawn = readFileSync(new URL(`node_modules/lucide-static/icons/${name}.svg`, import.meta.url), "utf8");
  const inside = drawn.slice(drawn.indexOf(">", drawn.indexOf("<svg")) + 1, drawn.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  sprite += `<symbol id="${name}" viewBox="0 0 24 24">${inside}</symbol>`;
}
sprite += "</svg>\n";
const iconsName = `icons-${createHash("sha256").update(sprite).digest("hex").slice(0, 8)}.svg`;
writeFileSync(new URL(iconsName, out), sprite);

const manifest = JSON.parse(readFileSync(new URL("manifest.json", out), "utf8"));
manifest.icons = { file: iconsName };
writeFileSync(new URL("manifest.json", out), JSON.stringify(manifest));

for (const name of readdirSync(out)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const file = new URL(name, out);
  const text = readFileSync(file);
  writeFileSync(new URL(`${name}.br`, out), brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }));
  writeFileSync(new URL(`${name}.gz`, out), gzipSync(text, { level: 9 }));
  rmSync(file);
}
