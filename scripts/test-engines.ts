/**
 * `npm run test:engines`: what needs a real Kafka or Redis, on Node and on Deno. Arguments go to
 * Vitest. Tests that kill engines start their own; these two are shared.
 */
import process from 'node:process';
import { programArguments } from '#shared/runtime/runtime.ts';
import { runSections } from './checks/section.ts';
import { suite } from './checks/suite.ts';
import { answerHelp } from './flags.ts';
import { startBoth } from './engines/start-both.ts';

answerHelp({
  command: 'npm run test:engines --',
  about: 'Starts a real Kafka and Redis and runs the tests that need them, on Node and on Deno.',
  arguments: {
    name: 'PATTERN … | FLAG …',
    help: "Vitest's: shared/store runs the suites there, -t NAME the tests of that name",
    most: Infinity,
  },
});
try {
  const engines = await startBoth(1);
  try {
    // One file at a time: some start a dozen processes, and two of those starve each other.
    const args = ['--project', 'engines', '--no-file-parallelism', ...programArguments()];
    const env = {
      TEST_KAFKA_BROKERS: engines.kafkaBrokers,
      TEST_REDIS_URL: engines.redisUrl,
    };
    process.exitCode = await runSections([suite('node', args, env), suite('deno', args, env)]);
  } finally {
    await engines.stop();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
