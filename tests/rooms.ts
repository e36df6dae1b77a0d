/**
 * Who may import what: the table of docs/architecture.md as data. A path that ends in `/` means
 * everything below it; `own/` is the file's own folder.
 */

/** What stages know of each other and of the engines. */
const INTERFACES = [
  'shared/bus/bus.ts',
  'shared/store/store.ts',
  'shared/warehouse/warehouse.ts',
  'shared/warehouse/lanes.ts',
  'shared/warehouse/tables.ts',
  'shared/catalog-view.ts',
  'shared/service.ts',
  'shared/problem.ts',
  'shared/metrics.ts',
  'shared/log.ts',
  'shared/trace.ts',
];

export interface Room {
  name: string;
  files: RegExp;
  may: readonly string[];
  /** May be imported as types besides. */
  types?: readonly string[];
}

/** The first that fits a file decides. Files that fit none (tests, scripts, benchmarks) are free. */
export const ROOMS: readonly Room[] = [
  { name: 'the model', files: /^shared\/model\//, may: ['zod', 'shared/model/'] },
  {
    name: 'an interface',
    files: /^shared\/(bus\/bus|store\/store|warehouse\/warehouse|service|problem|reason)\.ts$/,
    may: [],
    types: ['shared/model/', 'shared/warehouse/lanes.ts'],
  },
  {
    name: 'the runtime',
    files: /^shared\/runtime\//,
    may: [
      'node:',
      'hono',
      '@hono/node-server',
      'ws',
      'own/',
      'shared/problem.ts',
      'shared/reason.ts',
    ],
    types: ['shared/log.ts', 'shared/metrics.ts', 'shared/service.ts'],
  },
  {
    name: 'an engine',
    files: /^shared\/(bus|store|warehouse)\//,
    may: [
      'node:',
      'own/',
      'shared/model/',
      'shared/reason.ts',
      'shared/trace.ts',
      'shared/runtime/execute.ts',
      'shared/runtime/priority.ts',
      'chdb',
      '@clickhouse/client',
      'ioredis',
      'kafkajs',
    ],
    types: INTERFACES,
  },
  {
    name: 'the dashboard',
    files: /^web\//,
    may: [
      'web/src/',
      'shared/model/',
      '@fontsource-variable/',
      '@solidjs/',
      '@tanstack/',
      'echarts',
      'solid-js',
    ],
    types: ['shared/runtime/dashboard.ts'],
  },
  { name: 'demo data', files: /^shared\/demo\//, may: ['shared/model/', 'own/'] },
  {
    name: "a stage's app.ts",
    files: /^services\/[^/]+\/app\.ts$/,
    may: ['own/', 'shared/model/', 'hono', 'node:crypto', 'node:buffer', ...INTERFACES],
    types: ['proto/gen/', 'nice-grpc'],
  },
  {
    name: 'a pure core',
    files: /^services\/[^/]+\//,
    may: [
      'own/',
      'shared/model/',
      'shared/problem.ts',
      'shared/trace.ts',
      'node:crypto',
      'node:buffer',
    ],
    types: [...INTERFACES, 'proto/gen/', 'nice-grpc'],
  },
];

/** More than the room has, each with its reason. */
export const EXCEPTIONS: Record<string, { may: readonly string[]; because: string }> = {
  'services/analytics/export.ts': {
    may: ['shared/warehouse/warehouse.ts'],
    because: 'an edge: tells a page that is too large from a warehouse that is away',
  },
  'services/analytics/firsts.ts': {
    may: ['shared/warehouse/outcome-projections.ts'],
    because: 'the bits of a column; no I/O',
  },
  'services/analytics/live-sources.ts': {
    may: ['shared/warehouse/tables.ts', 'shared/warehouse/outcome-projections.ts'],
    because: 'names of tables and columns, and the words of the projections; no I/O of its own',
  },
  'services/analytics/live/auction-topics.ts': {
    may: ['services/analytics/offset-ranges.ts'],
    because: 'knows by offsets which outcomes were stored',
  },
  'services/analytics/listing.ts': {
    may: ['shared/warehouse/tables.ts'],
    because: 'names of tables and columns; no I/O',
  },
  'services/analytics/outcome-routes.ts': { may: ['hono'], because: 'routes of app.ts' },
  'services/analytics/queries.ts': {
    may: ['shared/warehouse/tables.ts'],
    because: 'names of tables and columns; no I/O',
  },
  'services/analytics/refused-rows.ts': {
    may: ['shared/warehouse/warehouse.ts', 'shared/warehouse/rows-into.ts'],
    because:
      'an edge: tries rows as the warehouse would insert them; tells a row that is refused from a warehouse that is away',
  },
  'services/analytics/roll-ups.ts': {
    may: ['shared/warehouse/tables.ts', 'shared/warehouse/outcome-projections.ts'],
    because: 'names of tables and columns, and the words of the projections; no I/O',
  },
  'services/analytics/table-lane.ts': {
    may: ['shared/log.ts'],
    because: 'an edge: says in words why the warehouse takes nothing',
  },
  'services/analytics/table-keeping.ts': {
    may: ['shared/warehouse/tables.ts'],
    because: 'an edge: looks after the tables',
  },
  'services/analytics/together.ts': {
    may: ['shared/warehouse/tables.ts', 'shared/warehouse/outcome-projections.ts'],
    because: 'names of tables and columns; no I/O',
  },
  'services/analytics/value-pages.ts': {
    may: ['shared/warehouse/tables.ts'],
    because: 'names of tables and columns; no I/O',
  },
  'services/analytics/writer.ts': {
    may: ['shared/log.ts', 'shared/warehouse/tables.ts'],
    because: 'an edge: moves records from the bus into the warehouse',
  },
  'services/auction/explaining.ts': {
    may: ['shared/log.ts', 'shared/service.ts'],
    because: 'an edge: hands details to the bus',
  },
  'services/auction/storing.ts': {
    may: ['shared/bus/bus.ts', 'shared/log.ts'],
    because: 'an edge: hands outcomes to the bus',
  },
  'services/bidding/bidding-group.ts': {
    may: ['shared/service.ts'],
    because: 'reads the clock it is given',
  },
  'services/bidding/bidding-tally.ts': {
    may: ['shared/log.ts'],
    because: 'an edge: counts and logs',
  },
  'services/bidding/profile-channel.ts': {
    may: ['proto/', 'nice-grpc', 'shared/runtime/http2-sessions.ts'],
    because: 'the gRPC client',
  },
  'services/bidding/profile-stream.ts': {
    may: ['proto/gen/', 'nice-grpc'],
    because: 'the look-ups of the gRPC client',
  },
  'services/gateway/admin.ts': { may: ['hono'], because: 'routes of app.ts' },
  'services/gateway/admin-shapes.ts': { may: ['zod'], because: 'parses at the edge' },
  'services/gateway/auction-desk.ts': {
    may: ['shared/log.ts', 'shared/service.ts'],
    because: 'logs at most once a second what fails with every request; reads the clock',
  },
  'services/gateway/read-body.ts': { may: ['node:zlib'], because: 'inflates bodies; no I/O' },
  'services/gateway/undelivered.ts': {
    may: ['shared/log.ts'],
    because: 'an edge: hands events to the bus',
  },
  'services/gateway/simple-bid.ts': { may: ['zod'], because: 'parses at the edge' },
  'services/profile/app.ts': {
    may: ['node:events', 'node:net', 'shared/runtime/listen-error.ts'],
    because: 'finds its port, and says why it cannot have it',
  },
  'services/profile/demo-users.ts': {
    may: ['nice-grpc', 'shared/demo/', 'shared/store/store.ts'],
    because: 'an edge: fills the store, and waits for one that is away',
  },
  'services/profile/grpc.ts': {
    may: [
      'proto/gen/',
      'nice-grpc',
      'nice-grpc-server-health',
      'shared/log.ts',
      'shared/runtime/http2-sessions.ts',
    ],
    because: 'the gRPC server',
  },
  'shared/runtime/http2-sessions.ts': {
    may: ['shared/model/turnover-map.ts'],
    because: 'the map that lets go of what has gone',
  },
  'services/profile/local-client.ts': {
    may: ['proto/gen/', 'nice-grpc'],
    because: 'the generated client interface, in process',
  },
  'services/profile/profile-cache.ts': {
    may: ['proto/profile-reader.ts'],
    because: 'decodes profiles',
  },
  'services/profile/profile-service.ts': {
    may: ['nice-grpc', 'shared/store/store.ts'],
    because: 'answers with gRPC status codes',
  },
  'services/profile/validation.ts': {
    may: ['proto/gen/', 'nice-grpc'],
    because: 'answers with gRPC status codes',
  },
  'services/profile/wire.ts': {
    may: ['proto/gen/'],
    because: 'profiles on the wire',
  },
  'services/web/app.ts': {
    may: ['shared/runtime/dashboard.ts'],
    because: 'types of the built dashboard, which main.ts loads',
  },
  'services/rehearsal.ts': {
    may: ['shared/bus/embedded.ts'],
    because: 'runs auctions on a bus of its own before the first one counts',
  },
};

/** Client libraries, and the files that may know them. Every other package is refused. */
export const LIBRARIES: Record<string, RegExp> = {
  '@clickhouse/client': /^shared\/warehouse\/(chdb-worker|clickhouse)\.ts$/,
  '@fontsource-variable/inter': /^web\/src\/app\.tsx$/,
  '@hono/node-server': /^(shared\/runtime\/http-server|benchmarks\/control-server)\.ts$/,
  '@solidjs/meta': /^web\/src\//,
  '@solidjs/router': /^web\/src\//,
  '@solidjs/start': /^web\/src\//,
  '@sparticuz/chromium': /^tests\/browser\/open-browser\.ts$/,
  '@tanstack/solid-virtual': /^web\/src\/components\/virtual-rows\.tsx$/,
  '@opentelemetry/api': /^shared\/tracing\/otlp\.ts$/,
  '@opentelemetry/exporter-trace-otlp-http': /^shared\/tracing\/otlp\.ts$/,
  '@opentelemetry/resources': /^shared\/tracing\/otlp\.ts$/,
  ioredis: /^shared\/store\/redis-link\.ts$/,
  chdb: /^shared\/warehouse\/chdb(-worker)?\.ts$/,
  echarts: /^web\/src\/lib\/echarts\.ts$/,
  'fast-check': /^tests\//,
  kafkajs: /^(shared\/bus\/kafka(-[a-z-]+)?|benchmarks\/kafka\/control-kafkajs)\.ts$/,
  hono: /^(services\/[^/]+\/(app|admin|outcome-routes)|benchmarks\/control-server)\.ts$/,
  'nice-grpc': /^(services\/(profile|bidding)|scripts|benchmarks)\//,
  'nice-grpc-common': /^(services\/(profile|bidding)|scripts)\//,
  'nice-grpc-server-health': /^(services\/profile|scripts)\//,
  'node:sqlite':
    /^shared\/(bus\/journal-(disk|file|statements)|store\/sqlite(-checkpoint|-statements)?|runtime\/(data-dir|execute))\.ts$/,
  'prom-client': /^shared\/metrics\.ts$/,
  'playwright-core': /^(tests\/browser\/|scripts\/screenshots\.ts)/,
  'solid-js': /^web\/src\//,
  yaml: /^scripts\/infra\//,
  ws: /^(shared\/runtime\/(web-sockets|socket-relay)|benchmarks\/[^/]+)\.ts$/,
  zod:
    /^(shared\/(model\/|config\.ts|setting-values\.ts|tracing\/tracing-settings\.ts)|services\/|scripts\/)/,
};

/** Files that see more than their room because they prove it: suites, fixtures, what tests share. */
export const TEST_FILE =
  /\.(test|fixture)\.tsx?$|\/contract\.ts$|\/test-[^/]+\.ts$|\/doomed-engines\.ts$|^tests\//;

/** Files whose framework asks for a default export. */
export const DEFAULT_EXPORTS = /^web\/src\/(routes\/|app\.tsx|entry-server\.tsx|middleware\.ts)/;

/** Lines after which a file must be split, or say here why not. Suites grow with what they prove. */
export const LINES_MAX = 250;
export const LONG_FILES: Record<string, string> = {
  'services/analytics/ledger-writer.ts':
    'one machine: what it takes, writes and repairs hangs together',
  'shared/bus/kafka-reader.ts':
    'one machine: its share, where it reads and what it hands over hang together',
  'shared/model/openrtb.ts': "a catalogue of types, in the specification's order",
};
