/**
 * Import for its effect, before HTTP/2 is used. On Deno (2.9.6 and before, denoland/deno#36788) a
 * GOAWAY frame, which every gRPC peer sends to say good-bye, frees the session while the frame is
 * still being read: the process dies within some dozens of connections, as client and as server.
 * Freeing it a turn later is all it takes.
 */
import http2, { type Http2Session } from 'node:http2';
import process from 'node:process';

if (process.versions['deno'] !== undefined) {
  const { connect, createServer } = http2;
  http2.connect = ((...args: Parameters<typeof connect>) =>
    freeLater(connect(...args))) as typeof connect;
  http2.createServer = ((...args: Parameters<typeof createServer>) =>
    createServer(...args).on('session', freeLater)) as typeof createServer;
}

function freeLater<S extends Http2Session>(session: S): S {
  const close = session.close.bind(session);
  const destroy = session.destroy.bind(session);
  session.close = (callback) => {
    setImmediate(() => {
      if (!session.closed) close(callback);
      else if (session.destroyed) callback?.();
      // What was closed meanwhile would not call back.
      else if (callback) session.once('close', callback);
    });
  };
  session.destroy = (...reason) => void setImmediate(destroy, ...reason);
  return session;
}
