/** Why a port could not be had, in one line that says what to do. */
export class ListenError extends Error {
  override name = 'ListenError';
  readonly code: 'in-use' | 'not-permitted' | 'no-such-address' | 'failed';

  constructor(code: ListenError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Without its cause where the line says all of it. */
  static from(
    error: unknown,
    at: { host: string; port: number; setting: string; hostSetting: string },
  ): ListenError {
    const host = at.host.includes(':') ? `[${at.host}]` : at.host;
    const line = (state: string) => `Cannot listen on ${host}:${at.port}: ${state}`;
    switch ((error as { code?: unknown }).code) {
      case 'EADDRINUSE':
        return new ListenError(
          'in-use',
          line(`the port is in use; set ${at.setting} to another one`),
        );
      case 'EACCES':
      case 'EPERM':
        return new ListenError(
          'not-permitted',
          line(`no permission; set ${at.setting} to 1024 or above`),
        );
      case 'EADDRNOTAVAIL':
      case 'EINVAL': // what Deno makes of it
      case 'ENOTFOUND':
        return new ListenError(
          'no-such-address',
          line(`this machine does not have that address; set ${at.hostSetting} to one it has`),
        );
      default:
        return new ListenError('failed', line((error as Error).message), { cause: error });
    }
  }
}
