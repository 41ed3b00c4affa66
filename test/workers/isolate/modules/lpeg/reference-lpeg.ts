/**
 * The machine's own LPeg: Lua chunks run by `lua5.1` with its lpeg module, which is the reference for ours.
 */
import { spawnSync } from 'node:child_process';

/** Options of a test that needs it: skipped where there is none, unless all services are required. */
export const needsLpeg: { readonly skip: string | false } = {
  skip:
    spawnSync('lua5.1', ['-llpeg', '-e', 'assert(lpeg.version() == "1.0.2")']).status !== 0 &&
    process.env['HEKATE_REQUIRE_SERVICES'] !== '1'
      ? 'lua5.1 with LPeg 1.0.2 is not installed'
      : false,
};

/** What a chunk writes. */
export function runReference(source: string): string {
  // There the libraries are loaded; `require` gives them as in a sandbox.
  const run = spawnSync('lua5.1', ['-e', 'assert(loadstring(io.read("*a"), "=case"))()'], {
    input: Buffer.from(source, 'latin1'),
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}
