/** The style sheet of the plain pages: one typeface, tabular figures, light and dark from the system. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfaf8, #14161a);
  --card: light-dark(#ffffff, #1c1f25);
  --line: light-dark(#e6e3dd, #2c3038);
  --text: light-dark(#1d1f23, #e8e6e1);
  --quiet: light-dark(#6b6f76, #9a9ea6);
  --won: light-dark(#0b6b3a, #6fd39b);
  --accent: light-dark(#a34a00, #f0a35a);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 80rem;
  background: var(--ground); color: var(--text);
  font: 0.9375rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; margin-bottom: 1.5rem; }
h1 { margin: 0; font-size: 1.5rem; letter-spacing: -0.01em; }
h2 { margin: 0 0 0.75rem; font-size: 1rem; }
header p, .note { margin: 0; color: var(--quiet); }
section { margin-top: 2rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; margin: 0; }
.tiles div { padding: 0.875rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
dt { color: var(--quiet); font-size: 0.8125rem; }
dd { margin: 0; }
.tiles dd { font-size: 1.375rem; font-weight: 600; white-space: nowrap; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
table { width: 100%; border-collapse: collapse; white-space: nowrap; font-size: 0.875rem; }
th, td { padding: 0.4375rem 0.75rem; text-align: left; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 500; }
tbody tr:last-child td { border-bottom: 0; }
.n { text-align: right; }
.won { color: var(--won); font-weight: 600; }
.none { color: var(--quiet); }
code, pre { font: 0.8125rem/1.5 ui-monospace, monospace; }
pre { margin: 0; padding: 1rem; overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 2rem; }
.pair dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 0; }
.pair dd { overflow-wrap: anywhere; }
`;
