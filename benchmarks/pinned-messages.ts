/**
 * The messages that benchmarks send: made from a seed, so that every run and every machine has the same ones.
 */
import { Message } from '../lib/protocol/message.ts';

export const MESSAGE_SEED = 20_240_102;

export interface MessageShape {
  readonly type: string;
  readonly logger: string;
  readonly tenant: string;
}

/** One access-log-like message of about 300 bytes. */
export function pinnedMessage(shape: MessageShape, index: number): Message {
  const noise = mix(MESSAGE_SEED + index);
  return Message.create({
    uuid: Uint8Array.from({ length: 16 }, (_, i) => mix(noise + i) & 0xff),
    timestampNs: 1_704_164_645_000_000_000n + BigInt(index),
    type: shape.type,
    logger: shape.logger,
    severity: 6,
    pid: 4711,
    hostname: 'benchmark',
    payload: `GET /articles/${noise % 10_000} HTTP/1.1`,
    fields: [
      { name: 'tenant', value: shape.tenant },
      { name: 'status', value: noise % 10 === 0 ? 404 : 200, integer: true },
      { name: 'request_time', value: (noise % 1000) / 1000 },
      { name: 'remote_addr', value: `10.0.${noise % 256}.${(noise >>> 8) % 256}` },
      {
        name: 'user_agent',
        value: 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0',
      },
    ],
  });
}

/** A 32-bit mixing function: the same number for the same input, well spread. */
function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return (x ^ (x >>> 16)) >>> 0;
}
