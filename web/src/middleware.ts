/** Takes over what the `web` stage hands in with a request: see `PageContext`. */
import { createMiddleware } from '@solidjs/start/middleware';
import type { PageContext } from '#shared/runtime/dashboard.ts';

export default createMiddleware({
  onRequest: (event) => {
    const context = (event.nativeEvent.req as { context?: Partial<PageContext> }).context;
    Object.assign(event.locals, context);
  },
});
