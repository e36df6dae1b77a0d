import { MetaProvider } from '@solidjs/meta';
import { Router } from '@solidjs/router';
import { FileRoutes } from '@solidjs/start/router';
import { ErrorBoundary, Suspense } from 'solid-js';
import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import { Failure } from './components/states.tsx';
import { Shell } from './components/shell.tsx';
import { LiveProvider } from './live/provider.tsx';

export default function App() {
  return (
    <Router
      root={(props) => (
        <MetaProvider>
          <LiveProvider>
            <Shell>
              <ErrorBoundary fallback={(error) => <Failure error={error} />}>
                <Suspense>{props.children}</Suspense>
              </ErrorBoundary>
            </Shell>
          </LiveProvider>
        </MetaProvider>
      )}
    >
      <FileRoutes />
    </Router>
  );
}
