/** The few signs the pages use, drawn on a grid of 16 in the colour of their text. */
import type { JSX } from 'solid-js';

const icon = (paths: () => JSX.Element) => () => (
  <svg
    viewBox='0 0 16 16'
    fill='none'
    stroke='currentColor'
    stroke-width='1.5'
    stroke-linecap='round'
    stroke-linejoin='round'
    aria-hidden='true'
  >
    {paths()}
  </svg>
);

export const PulseIcon = icon(() => <path d='M1.5 8.5h3l2-5.5 3 10 2-4.5h3' />);
export const ListIcon = icon(() => <path d='M2 4h12M2 8h12M2 12h8' />);
export const SunIcon = icon(() => (
  <>
    <circle cx='8' cy='8' r='2.75' />
    <path d='M8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9' />
  </>
));
export const MoonIcon = icon(() => (
  <path d='M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z' />
));
export const CopyIcon = icon(() => (
  <>
    <rect x='5.5' y='5.5' width='8' height='8' rx='1.5' />
    <path d='M3.5 10.5h-1v-8h8v1' />
  </>
));
export const CheckIcon = icon(() => <path d='m3 8.5 3.2 3L13 4.5' />);
export const PlayIcon = icon(() => <path d='M4.5 3v10l8-5z' fill='currentColor' />);
export const StopIcon = icon(() => (
  <rect x='4' y='4' width='8' height='8' rx='1' fill='currentColor' />
));
export const PauseIcon = icon(() => <path d='M5.5 3.5v9M10.5 3.5v9' stroke-width='2.25' />);
export const DownloadIcon = icon(() => <path d='M8 2v8m-3-3 3 3 3-3M2.5 13.5h11' />);

export function Logo() {
  return (
    <svg viewBox='0 0 32 32' aria-hidden='true'>
      <rect width='32' height='32' rx='8' fill='#1b1a17' />
      <circle cx='16' cy='16' r='6' fill='#f5a524' />
      <path
        d='M16 4.5v2.6M16 24.9v2.6M4.5 16h2.6M24.9 16h2.6M7.9 7.9l1.8 1.8M22.3 22.3l1.8 1.8M7.9 24.1l1.8-1.8M22.3 9.7l1.8-1.8'
        stroke='#f5a524'
        stroke-width='2.4'
        stroke-linecap='round'
      />
    </svg>
  );
}
