/**
 * A circular buffer as the guest holds it, and how its methods read their common arguments.
 */
import type { GuestValue, HostFunction, HostObject } from '../../engine.ts';
import {
  checkArgument,
  integerArgument,
  optionalNumber,
  typeError,
} from '../../host-api/guest-arguments.ts';
import type { RowRing } from './row-ring.ts';
import { packRing } from './state.ts';
import { type Annotations, bufferText } from './text.ts';

export const CIRCULAR_BUFFER = 'circular_buffer';

/** A buffer as the guest holds it. */
export class CircularBuffer implements HostObject {
  readonly kind = 'object';
  readonly type: string;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly externalBytes: number;
  readonly ring: RowRing;
  readonly annotations: Annotations | undefined;
  delta = false;
  /** Keeps the ledger's entry alive. */
  readonly token: object;

  constructor(
    ring: RowRing,
    externalBytes: number,
    token: object,
    lsb: boolean,
    methods: Readonly<Record<string, HostFunction>>,
  ) {
    this.ring = ring;
    this.externalBytes = externalBytes;
    this.token = token;
    this.type = lsb ? 'mozsvc.circular_buffer' : 'lsb.circular_buffer';
    this.annotations = lsb ? new Map() : undefined;
    this.methods = methods;
  }

  output(limitBytes: number): string {
    return bufferText(this.ring, this.delta, this.annotations, limitBytes);
  }

  payloadType(): string {
    return this.delta ? 'cbufd' : 'cbuf';
  }

  preserve(): { readonly module: string; readonly data: string } {
    return { module: CIRCULAR_BUFFER, data: packRing(this.ring, this.delta, this.annotations) };
  }
}

/** The object that a method was called on. */
export function self(args: readonly GuestValue[], atLeast: number): CircularBuffer {
  const buffer = args[0];
  if (!(buffer instanceof CircularBuffer)) throw typeError(args, 1, 'lsb.circular_buffer');
  checkArgument(args.length >= atLeast, 0, 'incorrect number of arguments');
  return buffer;
}

/** A 1-based column as an index. */
export function columnArgument(
  args: readonly GuestValue[],
  argument: number,
  ring: RowRing,
): number {
  const column = integerArgument(args, argument);
  checkArgument(column >= 1 && column <= ring.columns, argument, 'column out of range');
  return column - 1;
}

/** Optional time range of a column's rows; undefined when either end is outside. */
export function rangeArguments(
  args: readonly GuestValue[],
  first: number,
  ring: RowRing,
): readonly [number, number] | undefined {
  const start = optionalNumber(args, first, ring.startTime * 1e9);
  const end = optionalNumber(args, first + 1, ring.currentTime * 1e9);
  checkArgument(end >= start, first + 1, 'end must be >= start');
  const startRow = ring.findRow(start, false);
  const endRow = ring.findRow(end, false);
  return startRow < 0 || endRow < 0 ? undefined : [startRow, endRow];
}
