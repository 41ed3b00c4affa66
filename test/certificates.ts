/**
 * Throw-away certificates for TLS tests, made with the openssl command: an authority, a server and a client signed by
 * it, and a stranger signed by nobody.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly strangerCert: string;
  readonly strangerKey: string;
}

/** Undefined where there is no openssl. */
export function makeCertificates(dir: string): Certificates | undefined {
  const path = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const request = (name: string): void => {
    const subject = ['-subj', `/CN=${name}`];
    openssl('req', '-new', ...newKey(path(`${name}.key`)), '-out', path(`${name}.csr`), ...subject);
    const paths = ['-in', path(`${name}.csr`), '-CA', path('ca.pem'), '-CAkey', path('ca.key')];
    const rest = ['-CAcreateserial', '-days', '2', '-extfile', path('ext')];
    openssl('x509', '-req', ...paths, ...rest, '-out', path(`${name}.pem`));
  };
  try {
    openssl('version');
  } catch {
    return undefined;
  }
  writeFileSync(path('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  for (const name of ['ca', 'stranger']) {
    const out = ['-out', path(`${name}.pem`), '-days', '2', '-subj', `/CN=${name}`];
    openssl('req', '-x509', ...newKey(path(`${name}.key`)), ...out);
  }
  request('server');
  request('client');
  return {
    ca: path('ca.pem'),
    serverCert: path('server.pem'),
    serverKey: path('server.key'),
    clientCert: path('client.pem'),
    clientKey: path('client.key'),
    strangerCert: path('stranger.pem'),
    strangerKey: path('stranger.key'),
  };
}

function newKey(path: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path];
}
