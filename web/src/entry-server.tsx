import { createHandler, StartServer } from '@solidjs/start/server';
import { locale } from './lib/format.ts';
import { THEME_SCRIPT } from './lib/theme.ts';

/** Pages come whole, with their data: nothing moves when the scripts arrive. */
export default createHandler(
  (event) => (
    <StartServer
      document={({ assets, children, scripts }) => (
        <html lang='en' data-locale={locale()}>
          <head>
            <meta charset='utf-8' />
            <meta name='viewport' content='width=device-width, initial-scale=1' />
            <meta name='color-scheme' content='light dark' />
            <link rel='icon' href='/favicon.svg' type='image/svg+xml' />
            <script nonce={event.locals.nonce as string} innerHTML={THEME_SCRIPT} />
            {assets}
          </head>
          <body>
            <div id='app'>{children}</div>
            {scripts}
          </body>
        </html>
      )}
    />
  ),
  (event) => ({ mode: 'async', nonce: event.locals.nonce as string }),
);
