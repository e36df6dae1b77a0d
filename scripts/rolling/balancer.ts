/** A small balancer in front of gateways that follows their `/readyz`, as a Service or a proxy does. */
import { Agent, createServer as createHttpServer, type IncomingMessage, request } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Balancer {
  url: string;
  /** Times a backend that it took for ready could not be reached. */
  readonly unreached: number;
  stop(): Promise<void>;
}

export interface BalancerOptions {
  /** Origins; those that are ready get what comes, in turn. */
  backends: readonly string[];
  /**
   * `connections`: each goes to one backend until either side ends it, as with a Service of Kubernetes.
   * `requests`: each finds its own, over connections that are kept, as with an ingress or a proxy.
   */
  by: 'connections' | 'requests';
  /** ms between looks. */
  lookMs?: number;
}

/** Kubernetes looks as often, and hears of a pod's end besides. */
const LOOK_MS = 1_000;
/** ms for an answer: as long as the check of an engine may take. */
const ANSWER_MS = 3_000;

export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const { backends, by, lookMs = LOOK_MS } = options;
  const members = new Members(backends);
  await members.look();
  const server = by === 'connections' ? connectionServer(members) : requestServer(members);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  const looking = setInterval(() => void members.look(), lookMs);
  return {
    url: `http://127.0.0.1:${port}`,
    get unreached() {
      return members.unreached;
    },
    stop() {
      clearInterval(looking);
      return new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      });
    },
  };
}

class Members {
  readonly #backends: readonly string[];
  readonly #ready = new Set<string>();
  #turn = 0;
  unreached = 0;

  constructor(backends: readonly string[]) {
    this.#backends = backends;
  }

  async look(): Promise<void> {
    await Promise.all(this.#backends.map(async (backend) => {
      if (await isReady(backend)) this.#ready.add(backend);
      else this.#ready.delete(backend);
    }));
  }

  next(): URL | undefined {
    const ready = [...this.#ready];
    const chosen = ready[this.#turn++ % Math.max(1, ready.length)];
    return chosen === undefined ? undefined : new URL(chosen);
  }
}

async function isReady(backend: string): Promise<boolean> {
  try {
    const answer = await fetch(`${backend}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function connectionServer(members: Members): Server {
  return createServer((client) => {
    const target = members.next();
    if (!target) return void client.destroy();
    const backend = connect(Number(target.port), target.hostname);
    client.pipe(backend).pipe(client);
    // One side is gone: so is the other.
    backend.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') members.unreached++;
    });
    client.on('error', () => backend.destroy()).on('close', () => backend.destroy());
    backend.on('error', () => client.destroy()).on('close', () => client.end());
  });
}

function requestServer(members: Members): Server {
  const agent = new Agent({ keepAlive: true });
  const server = createHttpServer((incoming, outgoing) => {
    const target = members.next();
    const fail = (): void => {
      if (outgoing.headersSent) return void outgoing.destroy();
      outgoing.writeHead(502).end();
    };
    if (!target) return fail();
    const { method, url: path, headers } = incoming;
    const { hostname: host, port } = target;
    const passed = request({ agent, host, port, method, path, headers: endToEnd(headers) });
    passed.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') members.unreached++;
      fail();
    });
    passed.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode!, endToEnd(answer.headers));
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  return server.on('close', () => agent.destroy());
}

/** Connections are each side's own. */
function endToEnd({ connection: _, ...headers }: IncomingMessage['headers']) {
  delete headers['keep-alive'];
  return headers;
}
