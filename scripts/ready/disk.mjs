import { statfsSync } from 'node:fs';

/** What this user can still write where the checkout lies. */
export function freeBytes() {
  const { bavail, bsize } = statfsSync('.');
  return bavail * bsize;
}

export function inGigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
