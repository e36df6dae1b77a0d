/** Light or dark: the system's choice until a person makes one. */
import { createSignal } from 'solid-js';
import { isServer } from 'solid-js/web';

export type Theme = 'light' | 'dark';

const KEY = 'helios-theme';

/** Runs before the first paint, so that no page flashes in the wrong theme. */
export const THEME_SCRIPT = `(()=>{let t;try{t=localStorage.getItem('${KEY}')}catch{}` +
  `const d=document.documentElement;const m=matchMedia('(prefers-color-scheme: dark)');` +
  `d.dataset.theme=t==='dark'||t==='light'?t:m.matches?'dark':'light'})()`;

const [theme, setTheme] = createSignal<Theme>('light');
export { theme };

/** Called once in the browser: takes over what the script chose and follows the system. */
export function watchTheme(): void {
  if (isServer) return;
  setTheme(document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light');
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
    if (!stored()) apply(matches ? 'dark' : 'light');
  });
}

export function toggleTheme(): void {
  const next = theme() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  apply(next);
}

function apply(next: Theme): void {
  document.documentElement.dataset['theme'] = next;
  setTheme(next);
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
