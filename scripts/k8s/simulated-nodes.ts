/** Machines and disks as a cluster knows them: numbers that the scheduler reckons with. */

export interface NodeSize {
  cpu: number;
  memoryGi: number;
}

/** In a zone each: `node-a` in `zone-a`, … */
export function simulatedNodes(count: number, { cpu, memoryGi }: NodeSize): object[] {
  return [...'abcdefgh'].slice(0, count).map((letter) => {
    const name = `node-${letter}`;
    const capacity = { cpu: String(cpu), memory: `${memoryGi}Gi`, pods: '110' };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'topology.kubernetes.io/zone': `zone-${letter}`,
        },
      },
      status: { capacity, allocatable: capacity },
    };
  });
}

/** Any claim takes any of them, on any node. */
export function simulatedDisks(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `disk-${index}` },
    spec: {
      capacity: { storage: '100Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: `/disks/${index}` },
    },
  }));
}
