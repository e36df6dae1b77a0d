import { containerFaults } from './container-faults.ts';
import type { Manifest } from './manifest.ts';
import { networkFaults } from './network-faults.ts';
import { referenceFaults } from './reference-faults.ts';
import { settingsFaults } from './settings-faults.ts';

/** What the project asks of its manifests beyond what a schema can say; empty when all is well. */
export function manifestFaults(manifests: readonly Manifest[]): string[] {
  return [containerFaults, referenceFaults, settingsFaults, networkFaults]
    .flatMap((faults) => faults(manifests));
}
