/**
 * A plugin's context for tests: a driven clock, and a log that is kept.
 */

import type { OutputContext } from '../lib/outputs/output-context.ts';
import type { Encoder, Intake, PluginContext, Source } from '../lib/plugin.ts';
import { Message, type MessageInit } from '../lib/protocol/message.ts';
import type { Pack } from '../lib/protocol/pack.ts';
import { ManualClock } from './manual-clock.ts';

export interface TestContext extends PluginContext {
  readonly clock: ManualClock;
  readonly infos: string[];
  readonly errors: string[];
}

export function testContext(name: string, baseDir = '/nonexistent'): TestContext {
  const infos: string[] = [];
  const errors: string[] = [];
  return {
    name,
    infos,
    errors,
    log: { info: (text) => void infos.push(text), error: (text) => void errors.push(text) },
    clock: new ManualClock(),
    signal: new AbortController().signal,
    hostname: 'testhost',
    pid: 42,
    baseDir,
    shareDir: baseDir,
    maxMessageSize: 65536,
  };
}

export function outputContext(
  context: TestContext,
  encoder: Encoder | undefined,
  framed?: boolean,
): OutputContext & TestContext {
  return { ...context, encoder, framed };
}

export function packOf(init: MessageInit): Pack {
  return {
    message: Message.create({ uuid: new Uint8Array(16), timestampNs: 0n, ...init }),
    signer: '',
    loopCount: 0,
    stream: 0,
    position: 0,
    readAtMs: 0,
  };
}

/** An intake that keeps its bytes as latin1 text, and can hold its input back. */
export class TestIntake implements Intake {
  readonly source: Source;
  text = '';
  ended = false;
  /** While set, every push waits for it. */
  static hold: Promise<void> | undefined;
  #received = 0;

  constructor(source: Source) {
    this.source = source;
  }

  push(chunk: Uint8Array): Promise<void> | undefined {
    const start = this.#received;
    this.#received += chunk.length;
    this.text += Buffer.from(chunk).toString('latin1');
    // Whole lines are routed at once.
    const line = chunk.lastIndexOf(10);
    const routed = (): void => {
      const first = this.source.startOffset ?? 0;
      if (line >= 0) this.source.onRouted?.(first + start + line + 1);
    };
    if (TestIntake.hold === undefined) {
      routed();
      return undefined;
    }
    return TestIntake.hold.then(routed);
  }

  end(): undefined {
    this.ended = true;
  }
}

/** How long the machine's real I/O may take before a test counts as failed. */
const PATIENCE_MS = 15_000;

/** Lets the clock and the event loop run until `condition` holds. */
export async function until(
  condition: () => boolean,
  clock?: ManualClock,
  stepMs = 10,
): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (condition()) return;
    if (clock !== undefined) clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never became true: ${condition}`);
}
