import { fileURLToPath } from 'node:url';
import { solidStart } from '@solidjs/start/config';
import { defineConfig } from 'vite';

/** Where the stages run while pages are changed: `npm run dev` sets it. */
const STAGES_URL = process.env['HELIOS_URL'] ?? 'http://127.0.0.1:8080';

const PLAIN = /\/node_modules\/(echarts|zrender|tslib)\//;

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [
    solidStart({
      middleware: './src/middleware.ts',
      devOverlay: false,
      // Plain JavaScript: to compile it as Solid's took most of the build.
      solid: { exclude: PLAIN },
      serverFunctions: { filter: { exclude: PLAIN } },
    }),
    // 17 kB of the development toolbar's CSS would reach production otherwise.
    {
      name: 'drop-start-dev-css',
      apply: 'build',
      enforce: 'pre',
      load: (id) => (/@solidjs\/start\/dist\/shared\/.*\.css$/.test(id) ? '' : null),
    },
  ],
  // With Node's own srvx in the bundle Deno refuses its Response: the generic one serves both.
  resolve: { alias: [{ find: /^srvx$/, replacement: 'srvx/generic' }] },
  // The server's bundle needs no packages at run time.
  environments: { ssr: { resolve: { noExternal: true } } },
  server: {
    proxy: {
      '/api': STAGES_URL,
      '/live': { target: STAGES_URL.replace(/^http/, 'ws'), ws: true },
    },
  },
});
