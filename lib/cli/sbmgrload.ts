/**
 * heka-sbmgrload: loads or unloads many filters at once, to see what a daemon bears (upstream's flags, names and built-in
 * filter). At most MAX_IN_FLIGHT requests are unanswered at any time, so that it never runs ahead of the daemon.
 */
import { didYouMean } from '../config/nearest-name.ts';
import { visibleText } from '../outputs/visible-text.ts';
import type { Clock } from '../plugin.ts';
import { type ControlRequest, REPLY_OK } from '../protocol/control.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { systemClock } from '../system-clock.ts';
import { type Command, type CommandIo, EXIT_FAULT } from './command.ts';
import { ControlClient } from './control-client.ts';
import type { FlagValues } from './flags.ts';
import { Progress } from './progress.ts';
import { controlFlags, noPositional, silenceWarning } from './sbmgr.ts';
import { readTargetConfig } from './tool-config.ts';

export const MAX_IN_FLIGHT = 16;
/** Failures that are shown one by one; the rest is only counted. */
const MAX_SHOWN_FAILURES = 10;
const ACTIONS = ['load', 'unload'] as const;
type LoadAction = (typeof ACTIONS)[number];

/** Section name of the n-th filter. */
export function filterName(n: number): string {
  return `CounterSandbox${n}`;
}

/** Configuration of the n-th filter. */
export function filterConfig(n: number): string {
  return `[${filterName(n)}]
type = "SandboxFilter"
message_matcher = "Type == 'hekabench'"
ticker_interval = 1
filename = ""
preserve_data = true
`;
}

/** The filter: counts messages, says the rate at every tick at which there is news, and sums up ten rates. */
export const FILTER_SCRIPT = `require "string"
require "table"
require "os"

count = 0
rate = 0.0
rates = {}
lastCount = 0
lastTime = os.time() * 1e9

local SAMPLES_PER_SUMMARY = 10

local function summary()
    table.sort(rates)
    local total = 0
    for _, sample in ipairs(rates) do total = total + sample end
    inject_payload("txt", "summary", string.format("AGG Sum. Min: %0.2f Max: %0.2f Mean: %0.2f",
        rates[1], rates[#rates], total / #rates))
    rates = {}
end

function process_message()
    count = count + 1
    return 0
end

function timer_event(ns)
    local received, elapsed = count - lastCount, ns - lastTime
    if received == 0 or elapsed == 0 then return end
    lastCount, lastTime = count, ns
    rate = received * 1e9 / elapsed
    table.insert(rates, rate)
    inject_payload("txt", "rate", string.format("Got %d messages. %0.2f msg/sec", count, rate))
    if #rates == SAMPLES_PER_SUMMARY then summary() end
end
`;

/** The command over a clock of the caller's choice. */
export function sbmgrloadCommand(clock: Clock): Command {
  return {
    name: 'heka-sbmgrload',
    summary: 'Loads or unloads many built-in counting filters, to test how many a daemon bears.',
    usage: '[-action=load|unload] [-num N] [-config FILE]',
    example: 'heka-sbmgrload -config=sbmgrload.toml -action=load -num=1000',
    flags: {
      config: {
        kind: 'string',
        default: 'sbmgrload.toml',
        doc: 'sandbox manager load configuration file',
        placeholder: 'FILE',
      },
      action: { kind: 'string', default: 'load', doc: 'load/unload' },
      num: { kind: 'uint', default: 1, doc: 'number of sandboxes to load/unload' },
      ...controlFlags,
      // Longer than heka-sbmgr's: an unload waits for what its filter was given, and all the others' share the shards.
      timeout: {
        kind: 'duration',
        default: '1m',
        doc: 'how long to wait for each answer; 0 waits for none',
        placeholder: 'duration',
      },
    },
    run: async (values, positional, io) => {
      noPositional(positional);
      const action = loadActionOf(values);
      const config = await readTargetConfig(values.string('config'), io);
      const client = await ControlClient.open(config, {
        clock,
        timeoutMs: values.number('timeout'),
        maxMessageSize: values.number('max-message-size'),
        signal: io.signal,
      });
      try {
        return await new LoadRun(client, action, values, io, clock).run();
      } finally {
        await client.close();
      }
    },
  };
}

export const command: Command = sbmgrloadCommand(systemClock);

function loadActionOf(values: FlagValues): LoadAction {
  const action = values.string('action');
  const known = ACTIONS.find((name) => name === action);
  if (known !== undefined) return known;
  const near = didYouMean(action, ACTIONS);
  throw new HekateError('HKT_TOOL_ACTION', [action, near === undefined ? '' : ` (${near})`]);
}

/** One run: MAX_IN_FLIGHT lanes take numbers from one counter until none is left. */
class LoadRun {
  readonly #client: ControlClient;
  readonly #action: LoadAction;
  readonly #io: CommandIo;
  readonly #clock: Clock;
  readonly #total: number;
  readonly #json: boolean;
  readonly #timeoutMs: number;
  readonly #progress: Progress;
  readonly #shown: string[] = [];
  #next = 0;
  #done = 0;
  #ok = 0;
  #refused = 0;
  #silent = 0;
  /** The connection broke: the lanes stop. */
  #broken: unknown;

  constructor(
    client: ControlClient,
    action: LoadAction,
    values: FlagValues,
    io: CommandIo,
    clock: Clock,
  ) {
    this.#client = client;
    this.#action = action;
    this.#io = io;
    this.#clock = clock;
    this.#total = values.number('num');
    this.#json = values.string('format') === 'json';
    this.#timeoutMs = values.number('timeout');
    this.#progress = new Progress(io, clock);
  }

  async run(): Promise<number> {
    const startedMs = this.#clock.now();
    const lanes = Math.min(MAX_IN_FLIGHT, this.#total);
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
    this.#progress.clear();
    return this.#report((this.#clock.now() - startedMs) / 1000);
  }

  async #lane(): Promise<void> {
    while (this.#next < this.#total && this.#broken === undefined) {
      const n = this.#next++;
      try {
        await this.#one(n);
      } catch (error) {
        this.#broken ??= error;
      }
      this.#progress.show(() => `${this.#done}/${this.#total} ${this.#action}ed${this.#faults()}`);
    }
  }

  async #one(n: number): Promise<void> {
    const request: ControlRequest =
      this.#action === 'unload'
        ? { action: 'unload', name: filterName(n) }
        : { action: 'load', script: FILTER_SCRIPT, config: filterConfig(n) };
    // Once nothing was answered in time, the daemon is one that never answers: waiting on would only cost time.
    const mute = this.#silent > 0 && this.#ok === 0 && this.#refused === 0;
    const outcome = await this.#client.request(request, mute ? 0 : this.#timeoutMs);
    this.#done++;
    switch (outcome.kind) {
      case 'reply':
        if (outcome.reply.code === REPLY_OK) this.#ok++;
        else {
          this.#refused++;
          const { code, text } = outcome.reply;
          this.#show(`${filterName(n)}: ${visibleText(`${code} ${text}`)}`);
        }
        return;
      case 'silent':
        this.#silent++;
        return;
      case 'closed':
        this.#done--;
        throw outcome.error === undefined
          ? new HekateError('HKT_TOOL_CLOSED', [this.#client.peer])
          : new HekateError(
              'HKT_TOOL_SEND',
              [this.#client.peer, errorText(outcome.error)],
              outcome.error,
            );
      default:
        outcome satisfies never;
    }
  }

  #show(text: string): void {
    if (this.#shown.length < MAX_SHOWN_FAILURES) this.#shown.push(text);
  }

  #faults(): string {
    const parts = [];
    if (this.#refused > 0) parts.push(`, ${this.#refused} refused`);
    if (this.#silent > 0) parts.push(`, ${this.#silent} unanswered`);
    return parts.join('');
  }

  #report(seconds: number): number {
    const answered = this.#ok + this.#refused;
    // All silent: an old hekad. Silent beside answers: those requests are lost.
    const lost = answered > 0 ? this.#silent : 0;
    const failed = this.#refused > 0 || lost > 0 || this.#broken !== undefined;
    for (const text of this.#shown) this.#io.stderr(`${text}\n`);
    const hidden = this.#refused - this.#shown.length;
    if (hidden > 0) this.#io.stderr(`and ${hidden} more\n`);
    if (this.#json) {
      const line = {
        action: this.#action,
        num: this.#total,
        ok: this.#ok,
        refused: this.#refused,
        unanswered: this.#silent,
        seconds,
      };
      this.#io.stdout(`${JSON.stringify(line)}\n`);
    } else {
      const verb = `${this.#action}ed`;
      this.#io.stdout(
        answered === 0 && this.#silent > 0 && this.#broken === undefined
          ? `sent ${this.#silent} of ${this.#total} requests in ${seconds.toFixed(2)} s\n`
          : `${verb} ${this.#ok} of ${this.#total} filters in ${seconds.toFixed(2)} s${this.#faults()}\n`,
      );
    }
    if (this.#silent > 0 && this.#timeoutMs > 0) {
      this.#io.stderr(`${silenceWarning(this.#client.peer)}\n`);
    }
    if (this.#broken !== undefined) throw this.#broken;
    return failed ? EXIT_FAULT : 0;
  }
}
