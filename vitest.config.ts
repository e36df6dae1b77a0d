import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{services,shared,scripts,tests,benchmarks}/**/*.test.ts'],
    // Whole exchanges are started and killed; on a busy machine that alone takes many seconds.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
