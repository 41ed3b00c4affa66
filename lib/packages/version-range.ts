/** Versions of packages and the ranges in which they are needed: "1.2.3"; ">=1.0", "1.0" (that or newer), "*". */

const VERSION = /^\d{1,6}(\.\d{1,6}){0,2}$/;
const RANGE = /^(?:\*|(?:>=\s*)?(\d{1,6}(?:\.\d{1,6}){0,2}))$/;

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

export function isRange(text: string): boolean {
  return RANGE.test(text);
}

/** Is a version in a range? Both were checked. */
export function satisfies(version: string, range: string): boolean {
  const least = RANGE.exec(range)?.[1];
  return least === undefined || compareVersions(version, least) >= 0;
}

/** Below 0 when the first is older. Missing numbers count as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
