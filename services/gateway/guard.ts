/** Lets requests in or answers why not, and counts those it refused. */
import type { CatalogView } from '#shared/catalog-view.ts';
import type { Count } from '#shared/metrics.ts';
import { problem } from '#shared/problem.ts';
import { type Access, foreignRequest, identify, NO_PUBLISHER, publisherOf } from './access.ts';

export interface GuardDependencies {
  loopback: boolean;
  adminKey: string | undefined;
  catalog: Pick<CatalogView, 'current'>;
  /** Requests refused. */
  refused: Count;
}

export class Guard {
  readonly #on: GuardDependencies;

  constructor(dependencies: GuardDependencies) {
    this.#on = dependencies;
  }

  identify({ headers }: Request): Access {
    const { loopback, adminKey, catalog } = this.#on;
    const foreign = foreignRequest(headers, loopback);
    if (foreign) return { ok: false, status: 403, error: foreign };
    return identify(headers, { loopback, adminKey, catalog: catalog.current });
  }

  /** Whose auction a request is, or the answer to nobody's. */
  publisherOf(request: Request): string | Response {
    const access = this.identify(request);
    if (!access.ok) return this.refuse(access.status, access.error);
    return publisherOf(access.caller, this.#on.catalog.current) ?? this.refuse(403, NO_PUBLISHER);
  }

  /** Whether a request without a key gets an auction. */
  get takesKeyless(): boolean {
    const { loopback, catalog } = this.#on;
    return loopback && publisherOf({ role: 'admin' }, catalog.current) !== undefined;
  }

  /** Everything but auctions shows data of all publishers: undefined for admins, else the answer. */
  refuseAllButAdmins(request: Request): Response | undefined {
    const access = this.identify(request);
    if (!access.ok) return this.refuse(access.status, access.error);
    if (access.caller.role !== 'admin') return this.refuse(403, 'This needs an admin key');
    return undefined;
  }

  refuse(status: 401 | 403, error: string): Response {
    this.#on.refused.inc();
    const ask: Record<string, string> = status === 401
      ? { 'www-authenticate': 'Basic realm="Helios"' }
      : {};
    return problem(status, error, ask);
  }
}
