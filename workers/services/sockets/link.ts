/**
 * A shard's end of the helper thread that has the sockets: started at the first use, told what to do, and heard when there is
 * something to hear, because nobody here has an event loop while a guest runs.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Patience } from '../patience.ts';
import { ServiceError } from '../service-error.ts';
import type { Command, Event, HelperData, Reply, SocketLimits } from './messages.ts';

/** Source or built file; beside the folder of this one either way. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../socket-worker.ts' : '../socket-worker.js',
  import.meta.url,
);
/** A resolver may take that long; nothing else does. */
const ANSWER_MS = 60_000;
/** How long the end of a sandbox may wait for what it sent to leave. */
const FLUSH_MS = 1000;
const SLICE_MS = 20;
/** What the thread needs for itself; buffers are not in it. */
const HEAP_MIB = 64;

export class SocketLink {
  readonly #limits: SocketLimits;
  readonly #patience: Patience;
  readonly #hear: (event: Event) => void;
  readonly #replies = new Map<number, Reply>();
  #signal: Int32Array | undefined;
  #port: MessageChannel['port1'] | undefined;
  #heard = 0;
  #requests = 0;
  #broken: string | undefined;
  #closed = false;

  /** `hear` gets all events but replies. */
  constructor(limits: SocketLimits, patience: Patience, hear: (event: Event) => void) {
    this.#limits = limits;
    this.#patience = patience;
    this.#hear = hear;
  }

  /** On which to wait for events. */
  get signal(): Int32Array {
    this.#start();
    return this.#signal ?? NO_SIGNAL;
  }

  #start(): void {
    if (this.#closed) throw new ServiceError('the sandbox has ended');
    if (this.#port !== undefined) return;
    const signal = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const { port1, port2 } = new MessageChannel();
    const data: HelperData = { port: port2, signal, limits: this.#limits };
    const worker = new Worker(ENTRY, {
      workerData: data,
      transferList: [port2],
      env: {},
      name: 'sockets',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    // Told when this thread is idle again, if ever: what waits must not wait for ever.
    worker.on('error', (error) => {
      this.#broken ??= error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      this.#broken ??= 'its thread ended';
    });
    worker.unref();
    this.#signal = new Int32Array(signal);
    this.#port = port1;
  }

  post(command: Command, transfer?: ArrayBuffer): void {
    this.#start();
    this.#port?.postMessage(command, transfer === undefined ? [] : [transfer]);
  }

  /** Takes in what happened. */
  drain(): void {
    const signal = this.#signal;
    const port = this.#port;
    if (signal === undefined || port === undefined) return;
    const rung = Atomics.load(signal, 0);
    if (rung === this.#heard) return;
    this.#heard = rung;
    for (;;) {
      const received = receiveMessageOnPort(port);
      if (received === undefined) break;
      this.#take(received.message as Event); // the helper sends nothing else
    }
  }

  #take(event: Event): void {
    if (event.kind === 'reply') this.#replies.set(event.request, event.reply);
    else if (event.kind === 'broken') this.#broken = event.text;
    else this.#hear(event);
  }

  /** Waits until `ready`, with what happened taken in before each look. */
  until(ready: () => boolean, timeoutMs: number, patient?: boolean): boolean {
    const look = (): boolean => {
      this.drain();
      this.#check();
      return ready();
    };
    return this.#patience.until(look, this.signal, timeoutMs, patient);
  }

  /** Before something that waits is begun. */
  announce(): void {
    this.#patience.announce();
  }

  /** Has a question answered. */
  ask(command: (request: number) => Command): Reply {
    this.announce();
    const request = ++this.#requests;
    this.post(command(request));
    if (!this.until(() => this.#replies.has(request), ANSWER_MS, true)) {
      throw new ServiceError('the sockets do not answer');
    }
    const reply = this.#replies.get(request);
    this.#replies.delete(request);
    return reply ?? { code: 'EAI_AGAIN' };
  }

  #check(): void {
    if (this.#broken !== undefined) {
      throw new ServiceError(`the sockets of this sandbox are gone: ${this.#broken}`);
    }
  }

  /** Ends the thread, after what is `unsent` left, if that does not take long. */
  close(unsent: () => boolean): void {
    if (this.#closed) return;
    const signal = this.#signal;
    if (signal !== undefined) {
      const deadline = performance.now() + FLUSH_MS;
      for (;;) {
        const seen = Atomics.load(signal, 0);
        this.drain();
        if (this.#broken !== undefined || !unsent() || performance.now() >= deadline) break;
        Atomics.wait(signal, 0, seen, SLICE_MS);
      }
      this.post({ kind: 'finish' });
      this.#port?.close();
    }
    this.#closed = true;
  }
}

const NO_SIGNAL = new Int32Array(new SharedArrayBuffer(4));
