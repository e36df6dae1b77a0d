import { createServer, type Server } from 'node:net';

/**
 * Below the range that systems take for outgoing connections: an engine that is restarted must find
 * its port free again.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES_MAX = 400;

/** Of this process: who got some may not listen yet. */
const given = new Set<number>();

/** Ports of 127.0.0.1 that nobody listens on now, all different, also from those of earlier calls. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    for (let tries = 0; servers.length < count; tries++) {
      if (tries > TRIES_MAX) throw new Error('Cannot find free ports: hundreds are in use');
      const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
      const server = given.has(port) ? undefined : await listen(port);
      if (!server) continue;
      given.add(port);
      servers.push(server);
    }
    return servers.map((server) => (server.address() as { port: number }).port);
  } finally {
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
