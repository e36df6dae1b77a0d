/** `CLICKHOUSE_URL`, taken apart: `http://user:password@host:8123/database`. */
export interface ClickhouseAddress {
  /** Scheme, host and port: what may be shown. */
  origin: string;
  username: string;
  password: string;
  /** Where unqualified table names are looked up. */
  database: string;
}

/** @returns a text that names the part that is wrong, and never the password. */
export function parseClickhouseUrl(text: string): ClickhouseAddress | string {
  if (!/^https?:\/\//.test(text)) return 'its scheme is neither http:// nor https://';
  if (!URL.canParse(text)) return 'its host or port is none';
  const { protocol, host, pathname, search, hash, username, password } = new URL(text);
  if (search !== '' || hash !== '') return 'it has something after ? or #';
  const database = decoded(pathname.slice(1)) ?? '';
  if (pathname !== '/' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(database)) {
    return 'its path is no name of a database';
  }
  const user = decoded(username);
  const secret = decoded(password);
  if (user === undefined || secret === undefined) {
    return 'a % in its user or password must be written %25';
  }
  return {
    origin: `${protocol}//${host}`,
    username: user || 'default',
    password: secret,
    database: database || 'default',
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
