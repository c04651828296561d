// Bundles the sources of the pages in frameworks/ into the folder that is given: `/lib/bundled/NAME.js`.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const target = process.argv[2];
const require = createRequire(join(target, 'node_modules', 'x.js'));
const { build } = require('esbuild');
const { compile } = require('svelte/compiler');

const svelte = {
  name: 'svelte',
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, ({ path }) => ({ contents: compile(readFileSync(path, 'utf8'), { filename: path }).js.code }));
  },
};
const folder = join(import.meta.dirname, 'frameworks');
await build({
  entryPoints: readdirSync(folder).filter((name) => /\.(jsx|mjs)$/.test(name)).map((name) => join(folder, name)),
  outdir: join(target, 'node_modules', 'bundled'), bundle: true, minify: true, format: 'esm', logLevel: 'warning',
  nodePaths: [join(target, 'node_modules')], plugins: [svelte], conditions: ['browser', 'production'],
  define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  alias: { vue: 'vue/dist/vue.esm-bundler.js' }, jsx: 'automatic',
});
