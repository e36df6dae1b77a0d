/**
 * The control of the exchange's benchmark: what the same HTTP stack does when it only reads JSON
 * and sends it back. Prints its port, ends with SIGTERM.
 */
import process from 'node:process';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
app.post('/openrtb2/auction', async (context) => context.json(await context.req.json()));

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`${port}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  process.exit(0);
});
