/**
 * Times as RFC 3339 text in UTC with as many digits of the second as are not zero (Go's RFC3339Nano).
 */

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

/** `timeNs`: nanoseconds since the epoch, any 64-bit value. */
export function rfc3339Nano(timeNs: bigint): string {
  const fraction = ((timeNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  const date = new Date(Number((timeNs - fraction) / NS_PER_MS));
  const digits = fraction.toString().padStart(9, '0').replace(/0+$/, '');
  return `${date.toISOString().slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`;
}
