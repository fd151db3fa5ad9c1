// Lays a compressed twin beside each script and style, as the gateway serves them. The JavaScript that the home page loads first
// must stay small: prints its size, and ends with 1 above the limit.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 250;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8'));

/** A chunk and everything that it imports statically. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, found);
  return found;
}

const assets = new URL('assets/', dist);
const sizes = new Map();
for (const name of await readdir(assets)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const packed = gzipSync(await readFile(new URL(name, assets)), { level: 9 });
  await writeFile(new URL(`${name}.gz`, assets), packed);
  sizes.set(`assets/${name}`, packed.length);
}

const keys = new Set([...closure('index.html'), ...closure('src/pages/home/HomePage.tsx')]);
let total = 0;
for (const key of keys) total += sizes.get(manifest[key].file);
const kb = total / 1024;
console.log(`first load of the home page: ${kb.toFixed(1)} KB of JavaScript (gzip), at most ${LIMIT_KB}`);
process.exit(kb > LIMIT_KB ? 1 : 0);
