import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{services,shared,scripts,tests,benchmarks}/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
