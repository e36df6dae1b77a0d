/** Which section of OpenRTB 2.6 describes which object, by the field that holds the object. */
const SECTIONS: ReadonlyMap<PropertyKey, string> = new Map([
  ['source', '3.2.2'],
  ['regs', '3.2.3'],
  ['imp', '3.2.4'],
  ['metric', '3.2.5'],
  ['banner', '3.2.6'],
  ['companionad', '3.2.6'],
  ['video', '3.2.7'],
  ['audio', '3.2.8'],
  ['native', '3.2.9'],
  ['format', '3.2.10'],
  ['pmp', '3.2.11'],
  ['deals', '3.2.12'],
  ['site', '3.2.13'],
  ['app', '3.2.14'],
  ['publisher', '3.2.15'],
  ['device', '3.2.18'],
  ['geo', '3.2.19'],
  ['user', '3.2.20'],
  ['dooh', '3.2.32'],
  ['durfloors', '3.2.35'],
]);

/** The section with the field at `path`: that of the innermost object around it. */
export function sectionOf(path: readonly PropertyKey[]): string {
  for (let i = path.length - 2; i >= 0; i--) {
    const section = SECTIONS.get(path[i]!);
    if (section !== undefined) return section;
  }
  return '3.2.1';
}
