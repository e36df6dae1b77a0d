/** Who asks, for those few requests that are passed on. */
export interface Client {
  /** IP address, IPv4 in dotted form; empty when the connection is already gone. */
  readonly remoteAddress: string;
}

const clients = new WeakMap<Request, Client>();

export function rememberClient(request: Request, client: Client): void {
  clients.set(request, client);
}

export function clientOf(request: Request): Client | undefined {
  return clients.get(request);
}

const IPV4_IN_IPV6 = '::ffff:';

/** Of a dual-stack socket too. */
export function dottedAddress(address = ''): string {
  return address.startsWith(IPV4_IN_IPV6) ? address.slice(IPV4_IN_IPV6.length) : address;
}
