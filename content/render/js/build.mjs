// Bundles chart.js and math.js, each with the licences of what it holds, for the embedded engine.
import { build } from 'esbuild';
import { readFileSync, writeFileSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

for (const name of ['chart', 'math']) {
  const result = await build({
    entryPoints: [name + '.js'], bundle: true, minify: true, write: false, metafile: true, format: 'iife', target: 'es2020',
    platform: 'browser', legalComments: 'none', charset: 'utf8', define: { 'process.env.NODE_ENV': '"production"' },
  });
  const packages = new Set();
  for (const file of Object.keys(result.metafile.inputs)) {
    const m = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
    if (m) packages.add(m[1]);
  }
  writeFileSync(name + '.min.js', result.outputFiles[0].contents);
  let notice = `${name}.min.js holds:\n`;
  const texts = new Map();
  for (const p of [...packages].sort()) {
    const at = join('node_modules', p);
    const meta = JSON.parse(readFileSync(join(at, 'package.json')));
    notice += `  ${p} ${meta.version} (${meta.license})\n`;
    const file = readdirSync(at).find((f) => /^licen[cs]e/i.test(f));
    if (file && existsSync(join(at, file))) {
      const text = readFileSync(join(at, file), 'utf8').trim();
      texts.set(text, [...(texts.get(text) ?? []), p]);
    }
  }
  for (const [text, names] of texts) notice += `\n---- ${names.join(', ')}\n\n${text}\n`;
  writeFileSync(name + '.LICENSES.txt', notice);
  console.log(name, result.outputFiles[0].contents.length, packages.size, 'packages');
}
