/**
 * Runs hostile programs on a real host, on each engine: one shard, two honest neighbours that live through all attacks
 * of a folder, and the checks that hold for every attack. A neighbour counts inside its own script, so that a lost or
 * repeated message shows in what it says at the end. A third one gets what a program injects that should have been over.
 */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { FilterEnd } from '../../lib/filters/filter-host.ts';
import { createHost, type Host } from '../../lib/host.ts';
import type { EngineName } from '../../lib/protocol/batch.ts';
import { HekateError } from '../../lib/protocol/errors.ts';
import { Message } from '../../lib/protocol/message.ts';
import { ManualClock } from '../manual-clock.ts';
import { ATTACK_TYPE, type Attack, attacksIn } from './attack.ts';
import { record } from './record.ts';

/** Messages per attack; a hostile program gets all of them in one batch. */
const MESSAGES = 10;
/**
 * Bounds that only a broken containment reaches, on a slow and busy machine too. V8's own limit stands at about 100 MiB for the
 * default memory_limit, and what was freed is not returned to the system at once.
 */
const ATTACK_MS = 30_000;
/**
 * Wall clock of a call: long where another limit must strike first, on a slow and busy machine too; short where the wall
 * clock may be the one.
 */
const LONG_CALL_MS = 20_000;
const SHORT_CALL_MS = 250;
const FOLDER_MS = 115_000;
const GROWTH_BYTES = 400 * 1024 * 1024;

const ENGINES: readonly EngineName[] = ['compiled', 'interpreted'];

const ACCOMPLICE = 'accomplice';
/** Type of a message that a program injects behind the place where it must have ended. */
const RUN_ON_TYPE = 'ran-on';
const WITNESS = 'witness';

/** What programs may `require`. */
const MODULES = {
  'good.lua': 'return {good = true}',
  'endless.lua': 'pcall(function() while true do end end) inject_message({Type = "ran-on"})',
  'broken.lua': 'return {',
  'deep.lua': `return ${'{'.repeat(190)}${'}'.repeat(190)}`,
  'large.lua': `local t = {} ${'t.x = (t.x or 0) + 1 '.repeat(10_000)} return t`,
  sub: { 'inner.lua': 'return {}' },
};

const NEIGHBOUR = `
local total, seen = 0, {}
function process_message()
  total = total + 1
  local type = read_message("Type")
  seen[type] = (seen[type] or 0) + 1
  return 0
end
function timer_event(ns)
  inject_payload("txt", "total", total, " ", seen["${ATTACK_TYPE}"] or 0)
end`;

/** Defines one test per attack of the folder and engine, and one for the neighbours. */
export function contain(name: string, engines: readonly EngineName[] = ENGINES): void {
  t.setTimeout(FOLDER_MS * engines.length);
  for (const engine of engines) {
    t.test(`${name}: every attack is contained, ${engine}`, { timeout: FOLDER_MS }, async (t) => {
      const folder = t.testdir({
        'secret.lua': 'return "secret"',
        modules: MODULES,
      });
      const field = await Field.open(name, engine, join(folder, 'modules'));
      t.teardown(() => field.close());
      for (const attack of attacksIn(name, engine)) {
        await t.test(`${attack.name}: ${attack.sentence}`, (t) => field.meet(t, attack));
      }
      await t.test('the neighbours have counted every message', (t) => field.tally(t));
    });
  }
}

class Field {
  readonly #host: Host;
  readonly #clock: ManualClock;
  readonly #log: string[];
  readonly #modules: string;
  readonly #folder: string;
  readonly #engine: EngineName;
  readonly #rss = process.memoryUsage.rss();
  #delivered = 0;

  private constructor(
    place: { readonly folder: string; readonly engine: EngineName; readonly modules: string },
    host: Host,
    clock: ManualClock,
    log: string[],
  ) {
    this.#folder = place.folder;
    this.#engine = place.engine;
    this.#modules = place.modules;
    this.#host = host;
    this.#clock = clock;
    this.#log = log;
  }

  static async open(folder: string, engine: EngineName, modules: string): Promise<Field> {
    const clock = new ManualClock();
    const log: string[] = [];
    const write = (text: string): void => void log.push(text);
    const host = await createHost({
      shards: 1,
      clock,
      checkpointMs: 0,
      log: { info: write, error: write },
    });
    for (const name of ['first-neighbour', 'second-neighbour']) {
      await host.load({
        name,
        script: NEIGHBOUR,
        engine,
        matcher: `Type == '${ATTACK_TYPE}'`,
        tickerSeconds: 3600,
      });
    }
    await host.load({
      name: WITNESS,
      script: 'function process_message() return 0 end',
      engine,
      matcher: `Type == '${RUN_ON_TYPE}'`,
    });
    return new Field({ folder, engine, modules }, host, clock, log);
  }

  async close(): Promise<void> {
    await this.#host.close();
  }

  async meet(t: Test, attack: Attack): Promise<void> {
    const { expect } = attack;
    this.#log.length = 0;
    const startedMs = performance.now();
    const ends: FilterEnd[] = [];
    if (attack.answers !== undefined) await this.#loadAccomplice(attack.answers);
    const fault = await this.#load(attack, ends);
    if (expect.kind === 'ends' && expect.phase === 'load') {
      t.ok(fault, 'the script is refused');
      t.match(fault?.code, expect.code, 'with its code');
      t.match(fault?.message, expect.text, 'and its text');
    } else {
      t.equal(fault, undefined, `it loads: ${fault?.message}`);
    }
    await this.#feed();
    const status = this.#host.status().find((filter) => filter.name === attack.name);
    if (fault === undefined) {
      // Only a hostile program has a ticker this short.
      this.#clock.advance(1000);
      await this.#host.idle();
      this.#judge(t, attack, ends, status?.failed);
    }
    this.#record(attack, ends, fault, performance.now() - startedMs);
    if (attack.preserve) await this.#reload(t, attack, ends);
    if (attack.logs !== undefined) {
      const { logs } = attack;
      t.ok(
        this.#log.some((line) => logs.test(line)),
        `logged: ${this.#log.join('\n')}`,
      );
    }
    this.#checkNeighbours(t);
    t.ok(performance.now() - startedMs < ATTACK_MS, 'it was over in time');
    const grown = process.memoryUsage.rss() - this.#rss;
    t.ok(grown < GROWTH_BYTES, `the process did not grow without bound (${grown >> 20} MiB)`);
    if (this.#host.status().some((filter) => filter.name === attack.name)) {
      await this.#host.unload(attack.name);
    }
    if (attack.answers !== undefined) await this.#host.unload(ACCOMPLICE);
    await this.#checkNext(t);
  }

  #record(attack: Attack, ends: readonly FilterEnd[], fault: HekateError | undefined, ms: number) {
    const [end] = ends;
    record({
      attack: `${this.#folder}/${attack.name}`,
      engine: this.#engine,
      end: fault?.code ?? (end?.kind === 'terminated' ? end.termination.code : 'lives'),
      ms: Math.round(ms),
    });
  }

  async #loadAccomplice([from, to]: readonly [string, string]): Promise<void> {
    await this.#host.load({
      name: ACCOMPLICE,
      script: `function process_message() inject_message({Type = '${to}'}) return 0 end`,
      engine: this.#engine,
      matcher: `Type == '${from}'`,
    });
  }

  async #load(attack: Attack, ends: FilterEnd[]): Promise<HekateError | undefined> {
    const { name, script, memoryBytes, instructions, preserve, expect } = attack;
    const defaultMs = expect.kind === 'ends' && expect.anyLimit ? SHORT_CALL_MS : LONG_CALL_MS;
    try {
      await this.#host.load({
        name,
        script,
        engine: this.#engine,
        matcher: attack.matcher,
        tickerSeconds: expect.kind === 'ends' && expect.phase === 'timer' ? 1 : 0,
        preserveData: preserve,
        config: { key: 'value' },
        moduleDirectories: [this.#modules],
        limits: {
          callMs: attack.callMs ?? defaultMs,
          ...(memoryBytes === undefined ? {} : { memoryBytes }),
          ...(instructions === undefined ? {} : { instructions }),
        },
        onEnd: (end) => ends.push(end),
      });
      return undefined;
    } catch (error) {
      if (error instanceof HekateError) return error;
      throw error;
    }
  }

  async #feed(): Promise<void> {
    for (let i = 0; i < MESSAGES; i++) {
      const message = Message.create({
        type: ATTACK_TYPE,
        payload: `payload ${i}`,
        fields: [{ name: 'number', value: i, integer: true }],
      });
      await this.#host.deliver(message);
    }
    this.#delivered += MESSAGES;
    await this.#host.idle();
  }

  #judge(t: Test, attack: Attack, ends: readonly FilterEnd[], failed: number | undefined): void {
    const { expect } = attack;
    const [end] = ends;
    if (expect.kind === 'lives') {
      t.same(ends, [], `nothing ended it`);
      t.equal(failed, 0, `no call failed: ${this.#log.join('\n')}`);
      return;
    }
    t.equal(ends.length, 1, 'it has ended once');
    if (end?.kind !== 'terminated') return;
    t.match(end.termination.code, expect.code, 'by what was expected');
    t.match(end.termination.text, expect.text, 'with its text');
    const prefix = expect.phase === 'timer' ? 'timer_event() ' : 'process_message() ';
    if (end.termination.code !== 'HKT_SANDBOX_STATUS') {
      t.ok(end.termination.text.startsWith(prefix), `in ${prefix}`);
    }
  }

  /** State goes out and comes back, or is refused with a log line; neither harms anyone. */
  async #reload(t: Test, attack: Attack, ends: FilterEnd[]): Promise<void> {
    if (ends.length > 0) return;
    await this.#host.unload(attack.name);
    ends.length = 0;
    t.equal(await this.#load(attack, ends), undefined, 'it loads again');
  }

  #checkNeighbours(t: Test): void {
    for (const status of this.#host.status()) {
      if (status.name === WITNESS) t.equal(status.processed, 0, 'nothing ran on after its end');
      if (!status.name.endsWith('neighbour')) continue;
      t.equal(status.processed, this.#delivered, `${status.name} missed nothing`);
      t.equal(status.failed, 0, `${status.name} had no failure`);
    }
  }

  async #checkNext(t: Test): Promise<void> {
    const script = 'function process_message() return 0 end';
    await this.#host.load({ name: 'next', script, engine: this.#engine });
    t.pass('the next sandbox starts');
    await this.#host.unload('next');
  }

  async tally(t: Test): Promise<void> {
    const injected = this.#host.injected();
    this.#clock.advance(3600_000);
    await this.#host.idle();
    for (const _ of ['first-neighbour', 'second-neighbour']) {
      const { value } = await injected.next();
      t.equal(value?.payload, `${this.#delivered} ${this.#delivered}`, value?.logger);
    }
  }
}
