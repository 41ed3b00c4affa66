/**
 * What isolates are tried with before the first sandbox: a script that does nothing, to learn what an isolate of an
 * engine costs without one, and one that does a little of everything, run while the startup snapshot is made, so that
 * the snapshot carries the compiled code of what every sandbox runs first.
 */
import type { EngineName, SandboxSpec } from '../lib/protocol/batch.ts';
import { Message } from '../lib/protocol/message.ts';
import { limits } from '../native-limits/limits.ts';
import { ENTRY_GLOBAL } from './isolate/contract.ts';
import { ANSWER_WIDTH, EVENT_WIDTH, EventKind, mailboxBytes, Register } from './isolate/mailbox.ts';

const PROBE: SandboxSpec = {
  id: -1,
  name: 'probe',
  kind: 'filter',
  engine: 'interpreted',
  api: 'heka',
  script: 'function process_message() return 0 end',
  chunkName: 'probe.lua',
  moduleDirectories: [],
  config: {},
  limits: {
    memoryBytes: limits.memory.value,
    instructions: limits.instructions.value,
    outputBytes: limits.output.value,
    callMs: limits.callTime.value,
    processInject: limits.processInject.value,
    timerInject: limits.timerInject.value,
    messageLoops: limits.messageLoops.value,
    messageBytes: limits.messageSize.value,
  },
  matcher: '',
  hostname: '',
  pid: 0,
  preserve: false,
};

export function probeOf(engine: EngineName): SandboxSpec {
  return { ...PROBE, engine };
}

const WARM_UP_SCRIPT = `
require "string"
require "table"
require "math"
require "os"
local counts, list = {}, {}
total = 0
local function add(kind, n)
  counts[kind] = (counts[kind] or 0) + n
  for i = 1, 3 do list[#list + 1] = i end
  return n * 2 / 3
end
function process_message()
  local ok = pcall(add, read_message("Type") .. "", 1)
  local status = read_message("Fields[status]")
  local first = string.match(read_message("Payload"), "^(%S+) (%d+)")
  if ok and status then total = total + 1 end
  last = read_message("Timestamp")
  add_to_payload(string.format("%s %d %0.2f", tostring(first), total, 1.5), "\\n")
  inject_payload("txt", "warm")
  return 0
end
function timer_event(ns)
  table.sort(list)
  for k, v in pairs(counts) do add_to_payload(k, v, table.concat(list, ",")) end
  inject_payload("txt", "warm", total)
  inject_message({Type = "warm", Fields = {a = 1, b = "x"}})
end
`;

/**
 * JavaScript that loads and runs a sandbox once in a context that is thrown away; only compiled code stays. `compile` makes
 * the script's code for the compiled engine.
 */
export function sandboxWarmUp(
  engine: EngineName,
  compile: (source: string, chunkName: string) => string,
): string {
  const message = Message.create({
    type: 'warm',
    payload: 'GET 200 up',
    timestampNs: 1_500_000_000_000_000_000n,
    fields: [{ name: 'status', value: 200, integer: true }],
  });
  const sizes = { events: 16, inBytes: 1024, outBytes: 16384 };
  const spec = {
    ...probeOf(engine),
    script: WARM_UP_SCRIPT,
    matcher: "Type == 'cold' && Fields[status] > 100",
    preserve: true,
  };
  const end = message.bytes.length;
  const code = engine === 'compiled' ? compile(spec.script, spec.chunkName) : '';
  // There is no shared memory while a snapshot is made; a plain buffer does as well for one isolate.
  return `(() => {
    const entry = globalThis.${ENTRY_GLOBAL};
    const sizes = ${JSON.stringify(sizes)};
    const memory = new ArrayBuffer(${mailboxBytes(sizes)});
    const host = { memory: () => 0, findModule: () => 'none', random: () => '0123456789abcdef',
      compileLua: () => ${JSON.stringify(code)}, search: () => false, extension: () => undefined };
    const loaded = entry.load(${JSON.stringify(spec)}, memory, sizes, host);
    if (loaded.termination) throw new Error(loaded.termination.text);
    const registers = new Float64Array(memory, 0, ${Register.count});
    const events = new Int32Array(memory, ${Register.count * 8} + sizes.events * 8, ${EVENT_WIDTH * 3});
    const inbound = new Uint8Array(memory, ${Register.count * 8} + sizes.events * ${8 + (EVENT_WIDTH + ANSWER_WIDTH) * 4}, sizes.inBytes);
    inbound.set(${JSON.stringify([...message.bytes])});
    for (const text of [undefined, String.fromCharCode(...inbound.subarray(0, ${end}))]) {
      events.set([${EventKind.message}, 0, ${end}, 0, ${EventKind.message}, 0, ${end}, 0, ${EventKind.timer}, ${end}, ${end}, 0]);
      registers[${Register.eventCount}] = 3;
      registers[${Register.nextEvent}] = 0;
      registers[${Register.outLength}] = 0;
      registers[${Register.outCount}] = 0;
      entry.run(text, 1000);
    }
    const detail = entry.detail();
    if (detail.termination) throw new Error(detail.termination.text);
    entry.preserve();
    entry.usage();
  })();`;
}

/** JavaScript that compiles the same script once, while the compiler's snapshot is made. */
export function compilerWarmUp(): string {
  const source = JSON.stringify(WARM_UP_SCRIPT);
  return `globalThis.${ENTRY_GLOBAL}.compile(${source}, 'warm.lua', false);`;
}
