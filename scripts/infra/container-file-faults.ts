/** What the project asks of its Dockerfile and compose.yaml beyond what linters know. */
import { Environment } from '#shared/config.ts';
import { parse } from 'yaml';
import { OF_RUNTIMES } from './settings-faults.ts';

/** A syntax line makes the builder fetch a public image, which needs a network while it builds. */
export function dockerfileFaults(text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    /^#\s*syntax\s*=/i.test(line) ? [`line ${index + 1} is a syntax line: leave it out`] : []
  );
}

/** Of the services that are Helios's own image: variables that are no setting. */
export function composeFaults(text: string): string[] {
  const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
  return Object.entries(services).filter(([, { image = '' }]) => /^helios(:|$)/.test(image))
    .flatMap(([service, { environment = {} }]) =>
      variablesOf(environment)
        .filter((name) => !(name in Environment.shape) && !OF_RUNTIMES.test(name))
        .map((name) => `${service}: ${name} is no setting: see npm run help`)
    );
}

interface Service {
  image?: string;
  environment?: Record<string, string> | string[];
}

function variablesOf(environment: Record<string, string> | string[]): string[] {
  if (!Array.isArray(environment)) return Object.keys(environment);
  return environment.map((line) => line.replace(/=.*/s, ''));
}
