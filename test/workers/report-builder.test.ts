import t from 'tap';
import { Outbox } from '../../workers/isolate/host-api/outbox.ts';
import { layMailbox, mailboxBytes, Register } from '../../workers/isolate/mailbox.ts';
import { ReportBuilder } from '../../workers/report-builder.ts';
import { batchOf } from '../sandbox-spec.ts';

function mailbox(outBytes: number) {
  const sizes = { events: 2, inBytes: 8, outBytes };
  const made = layMailbox(new SharedArrayBuffer(mailboxBytes(sizes)), sizes);
  const { buffer, byteOffset, byteLength } = made.outbound;
  return { mailbox: made, outbound: Buffer.from(buffer, byteOffset, byteLength) };
}

t.test('records come out in the order in which they were committed, with loop and source', (t) => {
  const { mailbox: box, outbound } = mailbox(1024);
  const outbox = new Outbox(box, 256);
  const report = new ReportBuilder();
  outbox.commit(Buffer.from('one'), 3, 1);
  outbox.commit(Buffer.from(''), 0, 2);
  report.takeOutbound(box, outbound, 7);
  box.registers[Register.outLength] = 0;
  box.registers[Register.outCount] = 0;
  outbox.commit(Buffer.from('three!'), 5, 255);
  report.takeOutbound(box, outbound, 9);
  t.equal(report.byteLength, 8);
  const built = report.build({ ...batchOf([], []), generation: 3, sequence: 12 }, true);
  t.equal(Buffer.from(built.bytes).toString(), 'onethree');
  t.same([...built.offsets], [0, 3, 3, 8]);
  t.same([...built.loops], [1, 2, 255]);
  t.same([...built.sources], [7, 7, 9]);
  t.match(built, { kind: 'report', generation: 3, sequence: 12, unfinished: true, results: [] });
  t.end();
});

t.test('a report grows to what was injected', (t) => {
  const { mailbox: box, outbound } = mailbox(70_000);
  const report = new ReportBuilder();
  const message = Buffer.alloc(60_000);
  for (let i = 0; i < 20; i++) {
    box.registers[Register.outLength] = 0;
    box.registers[Register.outCount] = 0;
    message.fill(i);
    new Outbox(box, 65536).commit(message, message.length, 0);
    report.takeOutbound(box, outbound, i);
  }
  const { bytes, offsets } = report.build(batchOf([], []), false);
  t.equal(bytes.length, 1_200_000);
  for (let i = 0; i < 20; i++) {
    const part = bytes.subarray(offsets[i], offsets[i + 1]);
    t.ok(part.length === 60_000 && part.every((byte) => byte === i), `message ${i} is whole`);
  }
  t.end();
});
