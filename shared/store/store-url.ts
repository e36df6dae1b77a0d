/** Where a store on the network is: REDIS_URL taken apart. */
import { hostPort } from '../model/host-port.ts';

export interface RedisAddress {
  kind: 'single' | 'sentinel' | 'cluster';
  tls: boolean;
  /** Servers, or sentinels; of a cluster some are enough. */
  hosts: { host: string; port: number }[];
  /** What the sentinels call the servers they watch; empty otherwise. */
  name: string;
  /** Always 0 on a cluster. */
  db: number;
  /** Of the servers; sentinels are asked without. */
  username: string | undefined;
  password: string | undefined;
}

export const REDIS_URL_FORMS =
  'redis://[user:password@]host:port[/db], rediss:// for TLS, redis-sentinel://host:port,host:port/NAME[/db] ' +
  'or redis-cluster://host:port,host:port';

/** The address, or in words what is wrong with the text; never with the password. */
export function parseRedisUrl(text: string): RedisAddress | string {
  const [, scheme = '', rest = ''] = /^([a-z-]+):\/\/(.*)$/s.exec(text) ?? [];
  const kind = KINDS[scheme];
  if (!kind) return `it begins with none of ${Object.keys(KINDS).join(', ')}`;
  const at = rest.lastIndexOf('@');
  const user = readUser(at === -1 ? undefined : rest.slice(0, at));
  if (typeof user === 'string') return user;
  const [list = '', ...path] = rest.slice(at + 1).split('/');
  const hosts = readHosts(list, kind);
  if (typeof hosts === 'string') return hosts;
  const name = kind === 'sentinel' ? path.shift() ?? '' : '';
  if (kind === 'sentinel' && !/^[\w.-]+$/.test(name)) {
    return 'the name of the watched servers is missing after the sentinels: /NAME';
  }
  const db = path.join('/');
  if (kind === 'cluster' && db !== '') return 'a cluster has no databases to choose from';
  if (!/^\d{0,5}$/.test(db)) return `the database ${JSON.stringify(db)} is not a whole number`;
  return { kind, tls: scheme === 'rediss', hosts, name, db: Number(db), ...user };
}

/** The address as people may see it: without user and password. */
export function showRedisAddress({ kind, tls, hosts, name, db }: RedisAddress): string {
  const scheme = kind === 'single' ? (tls ? 'rediss' : 'redis') : `redis-${kind}`;
  const path = (name === '' ? '' : `/${name}`) + (db === 0 ? '' : `/${db}`);
  return `${scheme}://${hosts.map(hostPort).join(',')}${path}`;
}

const KINDS: Record<string, RedisAddress['kind'] | undefined> = {
  'redis': 'single',
  'rediss': 'single',
  'redis-sentinel': 'sentinel',
  'redis-cluster': 'cluster',
};
const DEFAULT_PORTS = { single: 6_379, sentinel: 26_379, cluster: 6_379 };

function readUser(text: string | undefined): Pick<RedisAddress, 'username' | 'password'> | string {
  if (text === undefined) return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  if (colon === -1 || colon === text.length - 1) {
    return 'before @ a password is missing: user:password@, or :password@';
  }
  try {
    return {
      username: decodeURIComponent(text.slice(0, colon)) || undefined,
      password: decodeURIComponent(text.slice(colon + 1)),
    };
  } catch {
    return 'user or password has a % that begins no %XX: write it as %25';
  }
}

function readHosts(list: string, kind: RedisAddress['kind']): RedisAddress['hosts'] | string {
  const texts = list.split(',');
  if (kind === 'single' && texts.length > 1) {
    return 'several hosts are for redis-sentinel:// and redis-cluster://';
  }
  const hosts: RedisAddress['hosts'] = [];
  for (const text of texts) {
    const [, name = '', port] = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(.*))?$/.exec(text) ?? [];
    if (name === '') {
      return text === '' ? 'a host is missing' : `${JSON.stringify(text)} is no host`;
    }
    if (
      port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)
    ) {
      return `the port of ${name} is ${JSON.stringify(port)}, not 1 to 65535`;
    }
    hosts.push({
      host: name.replace(/^\[|\]$/g, ''),
      port: port === undefined ? DEFAULT_PORTS[kind] : Number(port),
    });
  }
  return hosts;
}
