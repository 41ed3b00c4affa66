/**
 * Gathers what one batch causes into its report: injected messages in the order in which they were committed, and what
 * was done by each sandbox.
 */

import type { Batch, Report, SandboxResult } from '../lib/protocol/batch.ts';
import { BATCH_PROTOCOL_VERSION } from '../lib/protocol/batch.ts';
import type { Mailbox } from './isolate/mailbox.ts';
import { OUT_HEADER, Register } from './isolate/mailbox.ts';

export class ReportBuilder {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;
  readonly #offsets: number[] = [0];
  readonly #loops: number[] = [];
  readonly #sources: number[] = [];
  readonly #results: SandboxResult[] = [];

  /** Bytes of injected messages so far. */
  get byteLength(): number {
    return this.#length;
  }

  /** Injected messages back to back, and where each begins and the last one ends. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get offsets(): readonly number[] {
    return this.#offsets;
  }

  /** Copies the records that a sandbox committed to the mailbox's outbound area. */
  takeOutbound(mailbox: Mailbox, outbound: Buffer, sandbox: number): void {
    const count = mailbox.registers[Register.outCount] ?? 0;
    let at = 0;
    for (let i = 0; i < count; i++) {
      const size = outbound.readUInt32LE(at);
      const loop = outbound[at + 4] ?? 0;
      const from = at + OUT_HEADER;
      this.#room(size);
      outbound.copy(this.#bytes, this.#length, from, from + size);
      this.#length += size;
      this.#offsets.push(this.#length);
      this.#loops.push(loop);
      this.#sources.push(sandbox);
      at = from + size;
    }
  }

  addResult(result: SandboxResult): void {
    this.#results.push(result);
  }

  build(batch: Batch, unfinished: boolean): Report {
    return {
      version: BATCH_PROTOCOL_VERSION,
      kind: 'report',
      generation: batch.generation,
      sequence: batch.sequence,
      unfinished,
      results: this.#results,
      bytes: this.#bytes.subarray(0, this.#length),
      offsets: Uint32Array.from(this.#offsets),
      loops: Uint8Array.from(this.#loops),
      sources: Uint32Array.from(this.#sources),
    };
  }

  #room(size: number): void {
    const need = this.#length + size;
    if (need <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
