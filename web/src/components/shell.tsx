import { A } from '@solidjs/router';
import { onMount, type ParentProps, Show } from 'solid-js';
import { useLocalTimes } from '../lib/format.ts';
import { theme, toggleTheme, watchTheme } from '../lib/theme.ts';
import { Connection } from './connection.tsx';
import { ListIcon, Logo, MoonIcon, PulseIcon, SunIcon } from './icons.tsx';

/** What stands around every page: where one can go, and whether what one sees is alive. */
export function Shell(props: ParentProps) {
  onMount(() => {
    watchTheme();
    useLocalTimes();
  });
  return (
    <div class='shell'>
      {/* Not by the router, which scrolls there and leaves the focus where it was. */}
      <a class='skip' href='#main' target='_self'>Skip to the content</a>
      <nav class='nav' aria-label='Pages'>
        <a class='brand' href='/'>
          <Logo />
          <span>Helios</span>
        </a>
        <ul>
          <li>
            <A href='/' end>
              <PulseIcon />Live
            </A>
          </li>
          <li>
            <A href='/auctions'>
              <ListIcon />Auctions
            </A>
          </li>
        </ul>
        <div class='nav-foot'>
          <Connection />
          <button class='button' data-kind='quiet' type='button' onClick={toggleTheme}>
            <Show when={theme() === 'dark'} fallback={<MoonIcon />}>
              <SunIcon />
            </Show>
            <span class='wide-only'>{theme() === 'dark' ? 'Light theme' : 'Dark theme'}</span>
            <span class='hidden-text'>Change theme</span>
          </button>
        </div>
      </nav>
      <main class='main' id='main' tabindex='-1'>{props.children}</main>
    </div>
  );
}
