import t from 'tap';
import { StreamBuffer } from '../../../lib/protocol/stream-buffer.ts';
import { seededRandom } from '../../seeded-random.ts';

t.test('bytes that were handed out never change', async (t) => {
  const random = seededRandom();
  t.comment(`seed ${random.seed}`);
  const buffer = new StreamBuffer(64);
  const kept: { part: Uint8Array; copy: Uint8Array }[] = [];
  const sent: number[] = [];
  const read: number[] = [];
  for (let round = 0; round < 2000; round++) {
    const chunk = random.bytes(random.below(90));
    sent.push(...chunk);
    buffer.append(chunk);
    chunk.fill(0xee); // the sender uses its memory again
    const length = random.below(buffer.length + 1);
    const part = buffer.bytes.subarray(buffer.start, buffer.start + length);
    kept.push({ part, copy: part.slice() });
    read.push(...part);
    buffer.consume(length);
  }
  read.push(...buffer.bytes.subarray(buffer.start, buffer.end));
  t.ok(Buffer.from(read).equals(Buffer.from(sent)), 'nothing is lost or reordered');
  t.equal(buffer.offset + buffer.length, sent.length);
  t.ok(kept.every(({ part, copy }) => Buffer.from(part).equals(copy)));
});

t.test('a block holds no more than twice what is unread', async (t) => {
  const buffer = new StreamBuffer(64);
  let largest = 0;
  for (let i = 0; i < 100_000; i++) {
    buffer.append(Uint8Array.of(1));
    if (buffer.length === 1000) buffer.consume(1000);
    largest = Math.max(largest, buffer.bytes.length);
  }
  t.ok(largest <= 2000, String(largest));
});
