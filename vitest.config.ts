import { defineConfig } from 'vitest/config';

const SLOW = 'src/**/*.slow.test.ts';

/**
 * Three projects: quick tests beside the code, which `npm run check` runs; those beside the code that take ten seconds and
 * more; and the end-to-end suites, which start whole daemons and run after them.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    // Generous: a test waits for facts, and a wait in vain ends before these with what it saw (test/support/patience.ts).
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    passWithNoTests: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts', 'test/plans/**/*.test.ts', 'test/support/*.test.ts'],
          exclude: [SLOW],
          testTimeout: 150_000,
          // One process for many files: they share no state that a test changes, and half of their time was loading.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: [SLOW],
          testTimeout: 150_000,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          // Each file has its own home, its own ports and a handful of processes.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
