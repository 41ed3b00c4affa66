/**
 * Runs `<name>.test.lua`: every global function whose name begins with "test_" is a test, which fails by an error. The file is
 * loaded into a unit sandbox, and a few lines behind its last one call the tests by number.
 */
import path from 'node:path';
import { sectionOf } from '../config/section.ts';
import { sandboxFilterSpec } from '../filters/sandbox-filter-spec.ts';
import { specOf } from '../sandboxes/sandbox-definition.ts';
import { confinementOf, flavourOf } from '../sandboxes/section-parts.ts';
import type { CaseBench } from './case-runner.ts';

export interface LuaTestResult {
  readonly name: string;
  /** Undefined: passed. */
  readonly fault: string | undefined;
}

/** process(0) names the tests; process(n) runs the nth. */
const DRIVER = `
do
  local require, pcall, tostring, type, pairs = require, pcall, tostring, type, pairs
  local find, concat, sort = require("string").find, require("table").concat, require("table").sort
  local globals = _G
  local names = {}
  for name, value in pairs(globals) do
    if type(name) == "string" and type(value) == "function" and find(name, "^test_") then
      names[#names + 1] = name
    end
  end
  sort(names)
  local write = write_output
  function process(n)
    if n == 0 then
      write(concat(names, "\\n"))
      return 0
    end
    local ok, message = pcall(globals[names[n]])
    if ok then return 0 end
    return -1, tostring(message)
  end
end
`;

/** Memory and instructions of a test: a module's tests may do more than a filter's call. */
const LIMITS = { memory_limit: 64 * 1024 * 1024, instruction_limit: 100_000_000 };
const IDENTITY = { hostname: 'test.example', pid: 1234 };

/** Throws HKT_SANDBOX_* when the file cannot be loaded. */
export async function runLuaTests(
  bench: CaseBench,
  file: string,
  script: Uint8Array,
): Promise<readonly LuaTestResult[]> {
  const { shard } = bench;
  const id = bench.nextId();
  const section = sectionOf(
    sandboxFilterSpec,
    { message_matcher: 'TRUE', api: 'lsb', ...LIMITS },
    path.basename(file, '.test.lua'),
  );
  const confinement = confinementOf(section, bench.globals);
  const flavour = flavourOf(section, bench.globals, 'unit', confinement);
  const driver = Buffer.from(DRIVER);
  const whole = Buffer.concat([script, driver]);
  const folder = path.dirname(file);
  const root = path.basename(folder) === 'tests' ? path.dirname(folder) : folder;
  const spec = specOf(
    {
      name: section.name,
      kind: 'unit',
      script: whole,
      chunkName: path.basename(file),
      preserveData: false,
      ...flavour,
      engine: bench.engine,
      limits: { ...flavour.limits, callMs: 60_000 },
      access: { root, network: false },
    },
    id,
    IDENTITY,
    '',
    undefined,
  );
  const loaded = await shard.load({ kind: 'load', spec });
  if (loaded.failure !== undefined) {
    return [{ name: '(the file itself)', fault: loaded.failure.text }];
  }
  try {
    const list = await shard.test({ kind: 'test', sandbox: id, call: 'process', argument: 0 });
    if (list.status !== 0) return [{ name: '(the file itself)', fault: list.error }];
    const names = list.outputs
      .join('')
      .split('\n')
      .filter((name) => name !== '');
    const results: LuaTestResult[] = [];
    for (const [i, name] of names.entries()) {
      const answer = await shard.test({
        kind: 'test',
        sandbox: id,
        call: 'process',
        argument: i + 1,
      });
      const failed = answer.status !== 0 || answer.termination !== undefined;
      results.push({ name, fault: failed ? answer.error : undefined });
      if (answer.termination !== undefined) {
        for (const left of names.slice(i + 1)) {
          results.push({ name: left, fault: `not run: ${name} ended the sandbox` });
        }
        break;
      }
    }
    return results;
  } finally {
    await shard.states({ kind: 'state', sandboxes: [id], end: true });
  }
}
