/** The exchange of this machine's settings, for the scripts that talk to it. */
import process from 'node:process';
import { type Config, ConfigError, parseConfig } from '#shared/config.ts';
import { hostPort, openable } from '#shared/model/host-port.ts';

/**
 * Settings by these names, as the variables have them; of all others the presets, which a script must not
 * use. Where one is wrong the process says so and ends with code 2.
 */
export function ownSettings<Name extends keyof Config>(...names: Name[]): Pick<Config, Name> {
  try {
    // A secret may be named by a file.
    const variables = names.flatMap((name) => [name, `${name}_FILE`]);
    return parseConfig(Object.fromEntries(variables.map((name) => [name, process.env[name]])));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

/** Where its door is opened from this machine. */
export function ownUrl(
  { HOST, PORT, TLS_CERT_FILE }: Pick<Config, 'HOST' | 'PORT' | 'TLS_CERT_FILE'> = ownSettings(
    'HOST',
    'PORT',
    'TLS_CERT_FILE',
    'TLS_KEY_FILE',
  ),
): string {
  const scheme = TLS_CERT_FILE ? 'https' : 'http';
  return `${scheme}://${hostPort({ host: openable(HOST), port: PORT })}`;
}

/** Where its profile service is, as `host:port`. */
export function ownProfiles(
  { PROFILE_HOST, PROFILE_PORT }: Pick<Config, 'PROFILE_HOST' | 'PROFILE_PORT'> = ownSettings(
    'PROFILE_HOST',
    'PROFILE_PORT',
  ),
): string {
  return hostPort({ host: openable(PROFILE_HOST), port: PROFILE_PORT });
}

/** Where its metrics are, as `host:port`. */
export function ownMetrics(): string {
  const { METRICS_HOST, METRICS_PORT } = ownSettings('METRICS_HOST', 'METRICS_PORT');
  return hostPort({ host: openable(METRICS_HOST), port: METRICS_PORT });
}
