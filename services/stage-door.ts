/**
 * The door of a process that hosts no gateway: gateways of other processes come here for its stages.
 * On loopback it is open to this machine, elsewhere to who has the ADMIN_KEY. Who may ask what was
 * decided at the gateway.
 */
import { problem } from '#shared/problem.ts';
import { STAGE_KEY } from '#shared/runtime/forwarded.ts';
import type { Route, Service, Upgrade } from '#shared/service.ts';
import { foreignRequest, sameText } from './gateway/access.ts';

export interface StageDoor {
  fetch: Route;
  upgrade: Upgrade;
}

export function createStageDoor(
  { analytics, web, loopback, adminKey }: {
    /** Undefined where the stage is not hosted. */
    analytics: Pick<Service, 'fetch' | 'upgrade'> | undefined;
    web: Pick<Service, 'fetch'> | undefined;
    loopback: boolean;
    adminKey: string | undefined;
  },
): StageDoor {
  /** Undefined for who may come in. */
  function refuse({ headers }: Request): Response | undefined {
    if (loopback) {
      const foreign = foreignRequest(headers, loopback);
      return foreign === undefined ? undefined : problem(403, foreign);
    }
    const key = headers.get(STAGE_KEY);
    if (key !== null && adminKey !== undefined && sameText(key, adminKey)) return undefined;
    return problem(401, `This door is for gateways: ${STAGE_KEY} must be their ADMIN_KEY`);
  }

  return {
    fetch(request) {
      const refusal = refuse(request);
      if (refusal) return refusal;
      const { pathname } = new URL(request.url);
      if (pathname === '/live' && analytics) {
        return problem(426, 'This is a WebSocket', { upgrade: 'websocket' });
      }
      if (pathname.startsWith('/api/')) {
        return analytics ? analytics.fetch(request) : nothing('analytics');
      }
      return web ? web.fetch(asPublished(request)) : nothing('web');
    },
    upgrade(request) {
      const refusal = refuse(request);
      if (refusal) return refusal;
      const { pathname } = new URL(request.url);
      if (pathname === '/live' && analytics?.upgrade) return analytics.upgrade(request);
      return problem(404, `There is no WebSocket at ${pathname}`);
    },
  };
}

function nothing(stage: string): Response {
  return problem(404, `There is nothing here: this process hosts neither gateway nor ${stage}`);
}

/** Pages name the address their reader sees, which is the gateway's. */
function asPublished(request: Request): Request {
  const host = request.headers.get('x-forwarded-host');
  if (host === null) return request;
  const scheme = request.headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const { pathname, search } = new URL(request.url);
  const published = `${scheme}://${host}${pathname}${search}`;
  return URL.canParse(published) ? new Request(published, request) : request;
}
