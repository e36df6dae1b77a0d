import { SetupError } from './setup-error.mjs';

/** What npm says, and what it means for someone who only wanted to start the exchange. */
const CAUSES = [
  [
    /self.signed|UNABLE_TO_(GET|VERIFY)|CERT_|peer certificate/,
    'the certificate of the registry is not trusted',
    [
      'Behind a company proxy name its certificate: NODE_EXTRA_CA_CERTS=file, for Deno DENO_CERT=file',
    ],
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|network|timed? ?out|client error \(Connect\)/i,
    'the package registry cannot be reached',
    [
      'Check the network, and the proxy if there is one: npm config get proxy; npm config get registry',
    ],
  ],
  [/ENOSPC|no space left/i, 'the disk is full', ['The packages need 2 GB while they are unpacked']],
  [/EACCES|EPERM|EROFS/, 'no permission to write here', ['Check who owns this folder']],
  [/EINTEGRITY/, 'a package is not the one the lock file names', ['Run: npm cache clean --force']],
  [/in sync/, 'package.json and package-lock.json do not fit together', ['Run: npm install']],
  [/E40[13]\b/, 'the registry refuses access', ['Check the token in ~/.npmrc']],
  [/E404|ETARGET|ENOVERSIONS/, 'the registry lacks a package', ['Check: npm config get registry']],
];

const DETAIL = /^(code|syscall|errno|type|path|dest) /;

/** @returns {SetupError} */
export function explainNpm(code, output) {
  const lines = output.split('\n');
  const first = lines.findIndex((line) => /^(npm )?error\b/.test(line));
  // What Deno says before npm runs goes on below its `error:`; npm marks each line.
  const text = lines.slice(Math.max(first, 0)).map((line) =>
    line.replace(/^(npm )?error:? ?/, '').trim()
  );
  const said = text.find((line) => line !== '' && !DETAIL.test(line)) ?? 'nothing';
  const [, cause, hints] = CAUSES.find(([pattern]) => pattern.test(text.join('\n'))) ??
    [, `npm ended with code ${code}`, []];
  const log = /complete log of this run can be found in: (\S+)/.exec(output);
  return new SetupError(`Cannot install the packages: ${cause}`, [
    `npm says: ${said}`,
    ...hints,
    ...(log ? [`Its log: ${log[1]}`] : []),
    'Then run the command again; what was begun is done anew',
  ]);
}
