/**
 * `npm run keys -- create publisher NAME | create admin NAME | list | revoke ID`. A key is shown
 * once; the exchange keeps its hash. Works on a running exchange through its admin routes, and on a
 * stopped one through its journal.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { createEmbeddedBus } from '#shared/bus/embedded.ts';
import { followCatalog } from '#shared/catalog-view.ts';
import { type Config, isLoopback, parseConfig } from '#shared/config.ts';
import { openable } from '#shared/model/host-port.ts';
import { describeError } from '#shared/log.ts';
import type { ConfigChange, Key, Publisher } from '#shared/model/catalog.ts';
import { openDataDir } from '#shared/runtime/data-dir.ts';
import { programArguments } from '#shared/runtime/runtime.ts';
import { readAuthorities } from '#shared/runtime/tls-files.ts';
import { hashSecret } from '../services/gateway/access.ts';
import { parseEntity } from '../services/gateway/admin-entity.ts';
import { ID_LENGTH_MAX } from '../services/gateway/admin-shapes.ts';
import { ownUrl } from './own-exchange.ts';

const USAGE = `npm run keys -- create publisher NAME   a key for a publisher (made when it is new)
npm run keys -- create admin NAME       a key that may administer
npm run keys -- list                    keys without their secrets
npm run keys -- revoke ID               refuses a key from now on`;

/** 24 random bytes: not to be guessed, and short enough to copy. */
const SECRET_BYTES = 24;
const ID_BYTES = 5;
/** ms; an exchange answers in a few. Where Kafka is away it says so after 17 s. */
const ANSWER_MS = 20_000;
/** Room at the end of a publisher's id for a number that tells two apart. */
const NUMBER_LENGTH = 4;

/** Where keys and publishers are read and changed. */
interface Registry {
  keys(): Promise<Key[]>;
  publishers(): Promise<Publisher[]>;
  put(kind: 'key' | 'publisher', id: string, value: object): Promise<void>;
  remove(kind: 'key', id: string): Promise<void>;
  close(): Promise<void>;
}

try {
  process.exitCode = await run(programArguments());
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function run([action, ...rest]: string[]): Promise<number> {
  // Anywhere: nobody who asks for help wants a key of that name.
  if (action === undefined || [action, ...rest].some((one) => one === '--help' || one === '-h')) {
    console.log(USAGE);
    return 0;
  }
  const valid =
    (action === 'create' && (rest[0] === 'publisher' || rest[0] === 'admin') && rest[1]) ||
    (action === 'list' && rest.length === 0) || (action === 'revoke' && rest.length === 1);
  if (!valid) {
    console.error(USAGE);
    return 1;
  }
  const registry = await openRegistry(parseConfig(process.env));
  try {
    if (action === 'list') return await list(registry);
    if (action === 'revoke') return await revoke(registry, rest[0]!);
    return await create(registry, rest[0] as Key['role'], rest.slice(1).join(' '));
  } finally {
    await registry.close();
  }
}

async function create(registry: Registry, role: Key['role'], name: string): Promise<number> {
  let owner = '';
  if (role === 'publisher') {
    const publishers = await registry.publishers();
    const known = publishers.find((one) => one.id === name || one.name === name);
    owner = known?.id ?? newId(name, publishers, await registry.keys());
    if (!known) {
      await registry.put('publisher', owner, { id: owner, name, active: true, demo: false });
    }
  }
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  await registry.put('key', id, { id, role, owner, name, hash: hashSecret(secret) });
  console.log(
    `Key for ${role} ${name}${owner && owner !== name ? ` (${owner})` : ''}, shown only now:`,
  );
  console.log(`hk_${id}_${secret}`);
  console.log('Send it with each request, as Authorization: Bearer KEY or as X-Api-Key: KEY');
  return 0;
}

async function list(registry: Registry): Promise<number> {
  const keys = await registry.keys();
  if (keys.length === 0) console.log('There are no keys');
  for (const { id, role, owner, name } of keys) {
    console.log([id, role.padEnd(9), name, owner && `(${owner})`].join('  '));
  }
  return 0;
}

async function revoke(registry: Registry, id: string): Promise<number> {
  if (!(await registry.keys()).some((key) => key.id === id)) {
    console.error(`There is no key ${JSON.stringify(id)}: see npm run keys -- list`);
    return 1;
  }
  await registry.remove('key', id);
  console.log(`Key ${id} is refused from now on`);
  return 0;
}

/**
 * An id that `/admin` takes and nobody has, nor had while a key of those is left: it would be the new
 * one's. Names in other letters than these are all the same here.
 */
function newId(name: string, publishers: readonly Publisher[], keys: readonly Key[]): string {
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const short = words.slice(0, ID_LENGTH_MAX - NUMBER_LENGTH).replace(/^-|-$/g, '') || 'publisher';
  const taken = new Set([...publishers.map(({ id }) => id), ...keys.map(({ owner }) => owner)]);
  let id = short;
  for (let n = 2; taken.has(id); n++) id = `${short}-${n}`;
  return id;
}

async function openRegistry(config: Config): Promise<Registry> {
  const running = await overHttp(config);
  if (running) return running;
  // Gateways over Kafka read no journal: what is put there nobody would ever know.
  if (config.KAFKA_BROKERS.length === 0) {
    // Another HOST, PORT or DATA_DIR than the exchange has would go unnoticed.
    console.error(
      `No exchange answers at ${ownUrl(config)}: asking the journal in ${config.DATA_DIR}`,
    );
    return await inJournal(config);
  }
  throw new Error(
    `No gateway answers at ${adminAddress(config)}: HOST and PORT are to be those of one`,
  );
}

function adminAddress(config: Config): string {
  return `${ownUrl(config)}/admin`;
}

/** Undefined when nothing listens there. */
async function overHttp(config: Config): Promise<Registry | undefined> {
  const base = adminAddress(config);
  const ask = async (path: string, method = 'GET', value?: object): Promise<unknown> => {
    const { status, text } = await send(config, base + path, method, value).catch((error) => {
      throw Object.assign(new Error(`Cannot ask the exchange at ${base}: ${error.message}`), {
        code: error.code,
      });
    });
    if (status === 401 || status === 403) {
      throw new Error(`ADMIN_KEY: allowed is the admin key of the exchange that runs at ${base}`);
    }
    if (status === 204) return {};
    let body: { error?: string };
    try {
      body = JSON.parse(text);
    } catch {
      throw new Error(`What listens at ${base} is no gateway of Helios: it answered ${status}`);
    }
    if (status >= 300) throw new Error(`The exchange refused: ${body.error}`);
    return body;
  };
  try {
    await ask('/key');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined;
    throw error;
  }
  return {
    keys: () => ask('/key') as Promise<Key[]>,
    publishers: () => ask('/publisher') as Promise<Publisher[]>,
    put: async (kind, id, value) => {
      await ask(`/${kind}/${id}`, 'PUT', value);
    },
    remove: async (kind, id) => {
      await ask(`/${kind}/${id}`, 'DELETE');
    },
    close: async () => {},
  };
}

/** Not by `fetch`, which could not be told what follows of certificates. */
async function send(
  { HOST, ADMIN_KEY, TLS_CA_FILE }: Config,
  url: string,
  method: string,
  value?: object,
): Promise<{ status: number; text: string }> {
  const outgoing = (url.startsWith('https') ? https : http).request(url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(ADMIN_KEY && { authorization: `Bearer ${ADMIN_KEY}` }),
    },
    ...(TLS_CA_FILE && { ca: readAuthorities(TLS_CA_FILE) }),
    signal: AbortSignal.timeout(ANSWER_MS),
    // The certificate is for the name others use; nobody else answers on this machine's own addresses.
    rejectUnauthorized: !isLoopback(openable(HOST)),
  });
  outgoing.end(value && JSON.stringify(value));
  const [answer] = await once(outgoing, 'response') as [http.IncomingMessage];
  return { status: answer.statusCode!, text: await text(answer) };
}

async function inJournal(config: Config): Promise<Registry> {
  const dataDir = await openDataDir(config.DATA_DIR);
  const onError = (error: unknown): void => console.error(describeError(error));
  const bus = await createEmbeddedBus({
    path: join(config.DATA_DIR, 'journal.db'),
    partitions: config.PARTITIONS,
    onError,
  });
  const catalog = await followCatalog(bus, onError);
  const publish = (kind: 'key' | 'publisher', id: string, value: object | null): Promise<void> =>
    catalog.publish([{ v: 1, at: Date.now(), actor: 'keys', kind, id, value } as ConfigChange]);
  return {
    keys: async () => [...catalog.current.key.values()],
    publishers: async () => [...catalog.current.publisher.values()],
    async put(kind, id, value) {
      const parsed = parseEntity(kind, id, value, catalog.current);
      if (!parsed.ok) {
        const { path, allowed } = parsed.findings[0]!;
        throw new Error(`Cannot make the ${kind}: ${path}: allowed is ${allowed}`);
      }
      await publish(kind, id, parsed.entity);
    },
    remove: (kind, id) => publish(kind, id, null),
    close: async () => {
      await catalog.close();
      await bus.close();
      dataDir.release();
    },
  };
}
