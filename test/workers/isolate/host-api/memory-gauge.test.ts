import t from 'tap';
import { MemoryGauge } from '../../../../workers/isolate/host-api/memory-gauge.ts';
import { ObjectLedger } from '../../../../workers/isolate/host-api/object-ledger.ts';

const LIMIT = 1000;

/** A gauge over memory that the test sets; `calls` lists the measurements, true for collections. */
function gaugeOver(memory: { live: number; garbage: number }) {
  const calls: boolean[] = [];
  const ledger = new ObjectLedger();
  const gauge = new MemoryGauge(
    LIMIT,
    (collect) => {
      calls.push(collect);
      if (collect) memory.garbage = 0;
      return memory.live + memory.garbage;
    },
    ledger,
  );
  gauge.factor = 4;
  return { gauge, ledger, calls };
}

t.test('memory is measured only after a quarter of the limit was allocated', async (t) => {
  const { gauge, calls } = gaugeOver({ live: 0, garbage: 0 });
  for (let i = 0; i < 9; i++) t.equal(gauge.poll(100), false);
  t.same(calls, []);
  gauge.poll(100);
  t.same(calls, [false]);
});

t.test('many polls without allocation are looked at too', async (t) => {
  const { gauge, calls } = gaugeOver({ live: 5000, garbage: 0 });
  let over = false;
  for (let i = 0; i < 64; i++) over = gauge.poll(0);
  t.equal(over, true);
  t.same(calls, [false, true]);
});

t.test('garbage is collected before the sandbox is over its limit', async (t) => {
  const { gauge, calls } = gaugeOver({ live: 3000, garbage: 3000 });
  t.equal(gauge.poll(5000), false);
  t.same(calls, [false, true]);
  t.equal(gauge.usedBytes, 750);
});

t.test('a collection that keeps it just below makes the next one rarer', async (t) => {
  const memory = { live: 3900, garbage: 0 };
  const { gauge, calls } = gaugeOver(memory);
  for (let i = 0; i < 1000; i++) {
    memory.garbage += 1000;
    gauge.poll(1000);
  }
  const collections = calls.filter((collect) => collect).length;
  t.ok(collections < 75, `${collections} collections`);
  t.ok(collections > 50, `${collections} collections`);
});

t.test('once over, always over', async (t) => {
  const memory = { live: 5000, garbage: 0 };
  const { gauge } = gaugeOver(memory);
  t.equal(gauge.poll(5000), true);
  memory.live = 0;
  t.equal(gauge.poll(0), true);
  t.equal(gauge.exhausted, true);
});

t.test('host objects count as they are, the rest by the engine’s factor', async (t) => {
  const { gauge, ledger } = gaugeOver({ live: 2400, garbage: 0 });
  const token = ledger.add(400);
  ledger.sweep();
  t.equal(gauge.poll(5000), false);
  t.equal(gauge.usedBytes, 2000 / 4 + 400);
  t.ok(token);
});

t.test('what does not fit is refused before it is allocated', async (t) => {
  const memory = { live: 900, garbage: 0 };
  const { gauge, ledger } = gaugeOver(memory);
  t.equal(gauge.reserve(900), true);
  const token = ledger.add(900);
  t.equal(gauge.reserve(100), true);
  t.equal(gauge.reserve(101), false);
  t.equal(gauge.exhausted, true);
  t.ok(token);
});

t.test('objects of this entry that are garbage do not stand in the way of a new one', async (t) => {
  const { gauge, ledger, calls } = gaugeOver({ live: 100, garbage: 900 });
  const tokens = [ledger.add(900)];
  t.equal(gauge.reserve(400), true);
  t.same(calls, [true]);
  tokens.push(ledger.add(400));
  t.equal(gauge.reserve(400), true);
  t.same(calls, [true], 'what was collected is not collected again');
  t.equal(tokens.length, 2);
});

t.test('the ledger forgets objects that were collected', async (t) => {
  const ledger = new ObjectLedger();
  const kept = ledger.add(5);
  ledger.add(7);
  t.equal(ledger.totalBytes, 12);
  t.equal(ledger.settledBytes, 0);
  ledger.beginEntry();
  t.equal(ledger.settledBytes, 12, 'within one entry nothing is known to be gone');
  t.ok(kept);
});
