import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { composeFaults, dockerfileFaults } from './container-file-faults.ts';
import { PROJECT_DIR } from '../load/runtime-command.ts';
import { join } from 'node:path';

test.for(
  [
    ['Dockerfile', dockerfileFaults],
    ['compose.yaml', composeFaults],
  ] as const,
)('%s is without faults', ([name, faults], { skip }) => {
  const file = join(PROJECT_DIR, name);
  if (!existsSync(file)) return skip(`there is no ${name}`);
  expect(faults(readFileSync(file, 'utf8'))).toEqual([]);
});

test('dockerfileFaults() finds a syntax line', () => {
  expect(dockerfileFaults('# syntax=docker/dockerfile:1\nFROM scratch\n')).toEqual([
    'line 1 is a syntax line: leave it out',
  ]);
});

test('composeFaults() finds a variable that is no setting, through anchors and lists', () => {
  const text = `
x-bus: &bus
  KAFKA_BROKER: kafka:9092
services:
  auction:
    image: helios:1
    environment: { <<: *bus, HOST: 0.0.0.0 }
  web:
    image: helios:1
    environment: [ANALYTICS_URI=http://analytics:8080]
  kafka:
    image: apache/kafka:4.1.1
    environment: { KAFKA_NODE_ID: 1 }
`;
  expect(composeFaults(text)).toEqual([
    'auction: KAFKA_BROKER is no setting: see npm run help',
    'web: ANALYTICS_URI is no setting: see npm run help',
  ]);
});
