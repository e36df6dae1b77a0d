/** The containers of one `docker compose` project. */
import { z } from 'zod';
import { PROJECT_DIR } from '../load/runtime-command.ts';
import type { Docker } from './docker.ts';

export interface ProjectOptions {
  name: string;
  /** Compose files, the first below the others. */
  files: readonly string[];
  /** What the files ask for, such as `PORT`. */
  env: Record<string, string>;
}

export interface Container {
  service: string;
  id: string;
  state: string;
  health: string;
  exitCode: number;
}

const Listed = z.object({
  ID: z.string(),
  Service: z.string(),
  State: z.string(),
  Health: z.string(),
  ExitCode: z.number(),
});

const Inspected = z.array(z.object({
  Config: z.object({ User: z.string() }),
  HostConfig: z.object({
    ReadonlyRootfs: z.boolean(),
    CapDrop: z.array(z.string()).nullable(),
    SecurityOpt: z.array(z.string()).nullable(),
    Memory: z.number(),
  }),
  RestartCount: z.number(),
  State: z.object({ Pid: z.number() }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
  }),
}));
export type Inspection = z.infer<typeof Inspected>[number];

export class ComposeProject {
  readonly #docker: Docker;
  readonly #options: ProjectOptions;

  constructor(docker: Docker, options: ProjectOptions) {
    this.#docker = docker;
    this.#options = options;
  }

  /** `docker compose … args`. */
  run(...args: string[]): Promise<string> {
    const { name, files, env } = this.#options;
    const chosen = files.flatMap((file) => ['--file', file]);
    const where = ['--project-directory', PROJECT_DIR, '--project-name', name];
    return this.#docker.run(['compose', ...where, ...chosen, ...args], env);
  }

  /** Those that ended, too. */
  async containers(): Promise<Container[]> {
    const text = await this.run('ps', '--all', '--format', 'json');
    // One object a line; warnings stand between them.
    const lines = text.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => {
      const { ID, Service, State, Health, ExitCode } = Listed.parse(JSON.parse(line));
      return { id: ID, service: Service, state: State, health: Health, exitCode: ExitCode };
    });
  }

  async inspect(service: string): Promise<Inspection> {
    const found = (await this.containers()).find((one) => one.service === service);
    if (!found) throw new Error(`There is no container of ${service}`);
    return Inspected.parse(JSON.parse(await this.#docker.run(['inspect', found.id])))[0]!;
  }

  /** An address this machine reaches it at, though no port is published. */
  async addressOf(service: string): Promise<string> {
    const { NetworkSettings: { Networks } } = await this.inspect(service);
    return Object.values(Networks)[0]!.IPAddress;
  }
}
