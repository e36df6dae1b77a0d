import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

/** They need a real Kafka or Redis, which `npm run test:engines` starts. */
const ENGINES = '{services,shared,scripts,tests}/**/*.engines.test.ts';

export default defineConfig({
  test: {
    // A file's test state is its own doing: none leans on a fresh process, which costs half a second.
    isolate: false,
    maxWorkers: 2,
    // Whole exchanges are started and killed; on a busy machine that alone takes many seconds.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'exchange',
          include: ['{services,shared,scripts,tests,benchmarks}/**/*.test.ts'],
          exclude: [ENGINES],
        },
      },
      {
        extends: true,
        test: { name: 'engines', include: [ENGINES] },
      },
      {
        extends: true,
        plugins: [solid()],
        // Components as the browser gets them, not as the server renders them.
        resolve: { conditions: ['development', 'browser'] },
        test: {
          name: 'dashboard',
          include: ['web/src/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          environmentOptions: { happyDOM: { url: 'http://127.0.0.1:8080/' } },
        },
      },
    ],
  },
});
