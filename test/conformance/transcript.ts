/**
 * What a program prints, on an engine or under the machine's own Lua 5.1: the lines of `print`, then a line with what
 * the chunk returned, `error: …` or, on an engine, `limit: …`. Texts are byte strings, one character per byte.
 */
import { spawnSync } from 'node:child_process';
import type { EngineFactory } from './engines.ts';
import { type GuestSettings, makeGuest } from './guest.ts';

/** The chunk's name in messages. */
export const CHUNK = 'case.lua';

/** What a program prints on an engine. */
export function engineTranscript(
  factory: EngineFactory,
  source: string,
  settings: GuestSettings = {},
): string {
  const engine = makeGuest(factory, { instructions: 100_000_000, ...settings });
  const lines: string[] = [];
  engine.setGlobal('print', (values) => {
    lines.push(values.map((value) => engine.toText(value)).join('\t'));
    return [];
  });
  const outcome = engine.run(source, CHUNK);
  if (outcome.kind === 'returned') {
    if (outcome.values.length > 0) {
      lines.push(`returned: ${outcome.values.map((value) => engine.toText(value)).join('\t')}`);
    }
  } else if (outcome.kind === 'error') {
    lines.push(`error: ${outcome.text ?? 'no text'}`);
  } else {
    lines.push(`limit: ${outcome.kind}`);
  }
  return lines.join('\n');
}

/** Runs the program that is its standard input. As PUC's, its print calls the guest's own tostring. */
const DRIVER = `
local read, write, concat, select, pcall, type, loadstring, globals =
  io.read, io.write, table.concat, select, pcall, type, loadstring, _G
io, debug = nil, nil
package.loaded.io, package.loaded.debug = nil, nil
local source = read("*a")
local lines = {}
local function line(...)
  local texts = {}
  for i = 1, select("#", ...) do texts[i] = globals.tostring((select(i, ...))) end
  return concat(texts, "\\t")
end
function print(...) lines[#lines + 1] = line(...) end
local function finish(ok, ...)
  if ok then
    if select("#", ...) > 0 then lines[#lines + 1] = "returned: " .. line(...) end
  else
    local e = ...
    lines[#lines + 1] = "error: " .. ((type(e) == "string" or type(e) == "number") and e or "no text")
  end
end
local chunk, message = loadstring(source, "@${CHUNK}")
if chunk then finish(pcall(chunk)) else finish(false, message) end
write(concat(lines, "\\n"))
`;

let present: boolean | undefined;

/** Is Lua 5.1 itself on this machine? */
export function hasReference(): boolean {
  present ??= /^Lua 5\.1/.test(String(spawnSync('lua5.1', ['-v']).stderr ?? ''));
  return present;
}

/** What a program prints under the machine's own Lua 5.1. */
export function referenceTranscript(source: string): string {
  const result = spawnSync('lua5.1', ['-e', DRIVER], {
    input: Buffer.from(source, 'latin1'),
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    timeout: 20_000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0) {
    throw new Error(
      `lua5.1 ended with ${result.status ?? result.signal}: ${String(result.stderr)}`,
    );
  }
  return result.stdout.toString('latin1');
}
