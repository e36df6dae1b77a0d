/** Certificates and keys out of files in PEM. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Tls {
  /** The certificate, and those it leads to, in PEM. */
  cert: string;
  key: string;
}

/** In one line, with the variable to look at. */
export class TlsError extends Error {
  override name = 'TlsError';
}

/** @throws {TlsError} when one cannot be read or the two do not belong together. */
export function readTls(certFile: string, keyFile: string): Tls {
  const cert = read('TLS_CERT_FILE', certFile);
  const key = read('TLS_KEY_FILE', keyFile);
  const certificate = parse(
    'TLS_CERT_FILE',
    certFile,
    'a certificate',
    () => new X509Certificate(cert),
  );
  const secret = parse(
    'TLS_KEY_FILE',
    keyFile,
    'a private key without a passphrase',
    () => createPrivateKey(key),
  );
  // Looked at here, as not every runtime does when it begins to listen.
  if (!certificate.checkPrivateKey(secret)) {
    throw new TlsError(
      `TLS_KEY_FILE=${keyFile} is not the key of the certificate in TLS_CERT_FILE=${certFile}`,
    );
  }
  return { cert, key };
}

/**
 * The authorities that vouch for stages of other processes, in PEM. Given to each connection, as the
 * runtimes' own variables for it do not reach every kind of connection on Deno 2.9.6.
 * @throws {TlsError} when the file cannot be read or holds something else.
 */
export function readAuthorities(file: string): string {
  const ca = read('TLS_CA_FILE', file);
  parse('TLS_CA_FILE', file, 'a certificate', () => new X509Certificate(ca));
  return ca;
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TlsError(`${name}=${file} cannot be read: ${code ?? message}`);
  }
}

function parse<T>(name: string, file: string, what: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw new TlsError(`${name}=${file} does not hold ${what} in PEM`);
  }
}
