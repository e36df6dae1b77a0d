/** `host:port`, as it stands in a URL and in a message: an IPv6 address in brackets. */
export function hostPort({ host, port }: { host: string; port: number | string }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where this machine finds what listens on `host`: all addresses are none to open. */
export function openable(host: string): string {
  return ALL[host] ?? host;
}
const ALL: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
