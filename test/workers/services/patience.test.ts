import { Worker } from 'node:worker_threads';
import t from 'tap';
import { ControlWord } from '../../../lib/protocol/control-word.ts';
import { WAIT_FIRST } from '../../../workers/isolate/contract.ts';
import { GuestServices } from '../../../workers/services/guest-service.ts';
import { Patience } from '../../../workers/services/patience.ts';
import { ServiceError, WaitFirst } from '../../../workers/services/service-error.ts';

const HOUR_MS = 3_600_000;
const FOREVER = Number.POSITIVE_INFINITY;
const words = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

function announced(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return error instanceof WaitFirst;
  }
}

/** Sets a word from another thread when this one waits on it. */
function setWhenWaiting(word: Int32Array, index: number, value: number): Worker {
  return new Worker(
    `const { workerData: { word, index, value } } = require('node:worker_threads');
     while (Atomics.notify(word, 0) === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
     Atomics.store(word, index, value);
     Atomics.notify(word, 0);`,
    { eval: true, workerData: { word, index, value } },
  );
}

t.test('what is there is not waited for, and without time nothing is', (t) => {
  const patience = new Patience({ announces: true });
  t.equal(
    patience.until(() => true, words(), FOREVER),
    true,
  );
  t.equal(
    patience.until(() => false, words(), 0),
    false,
  );
  t.equal(
    patience.until(() => false, words(), -1),
    false,
  );
  t.end();
});

t.test('a wait ends when its word changes and what it waits for is there', async (t) => {
  const word = words();
  const worker = setWhenWaiting(word, 0, 7);
  const patience = new Patience();
  t.equal(
    patience.until(() => Atomics.load(word, 0) === 7, word, FOREVER),
    true,
  );
  await worker.terminate();
});

t.test('a wait ends with its time', (t) => {
  t.equal(
    new Patience().until(() => false, words(), 5),
    false,
  );
  new Patience().sleep(1);
  t.end();
});

t.test('the first wait of every operation is announced', (t) => {
  const patience = new Patience({ announces: true });
  t.ok(announced(() => patience.until(() => false, words(), 1)));
  t.equal(
    patience.until(() => false, words(), 1),
    false,
  );
  t.equal(
    patience.until(() => false, words(), 1),
    false,
    'once for an operation',
  );
  patience.settle();
  t.ok(announced(() => patience.announce()));
  t.end();
});

t.test('services answer an announced wait, and wait when they are asked again', (t) => {
  const patience = new Patience({ announces: true });
  let asked = 0;
  const operations = {
    wait: () => {
      asked++;
      patience.sleep(1);
      return ['waited'];
    },
    fail: () => {
      patience.sleep(1);
      throw new ServiceError('failed');
    },
  };
  const services = new GuestServices(
    new Map([['s', { operations, close: () => undefined }]]),
    patience,
  );
  for (let i = 1; i <= 2; i++) {
    t.same(services.call('s.wait', []), { error: WAIT_FIRST });
    t.same(services.call('s.wait', []), ['waited']);
    t.same(services.call('s.fail', []), { error: WAIT_FIRST });
    t.same(services.call('s.fail', []), { error: 'failed' });
  }
  t.equal(asked, 4);
  t.end();
});

t.test(
  'asked to stop, a wait for others that has an end ends, one without or to get rid of something goes on',
  (t) => {
    const control = words();
    const word = words();
    Atomics.store(control, ControlWord.stop, 1);
    const input = new Patience({ control, hurries: true });
    t.equal(
      input.until(() => false, word, HOUR_MS),
      false,
    );
    input.sleep(HOUR_MS);
    t.equal(
      input.until(() => false, word, 5, true),
      false,
      'to get rid of something',
    );
    const output = new Patience({ control });
    let looks = 0;
    t.equal(
      output.until(() => ++looks > 3, word, HOUR_MS),
      true,
    );
    Atomics.store(control, ControlWord.stop, 2);
    for (const patience of [input, output]) {
      t.throws(() => patience.until(() => false, word, FOREVER), /^stopped$/);
      t.throws(() => patience.sleep(HOUR_MS), /^stopped$/);
    }
    t.end();
  },
);

t.test('a wait without an end notices that the guest is ended', async (t) => {
  const control = words();
  const word = words();
  const worker = new Worker(
    `const { workerData: { control, word } } = require('node:worker_threads');
     while (Atomics.notify(word, 0) === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
     Atomics.store(control, 0, 2);`,
    { eval: true, workerData: { control, word } },
  );
  t.throws(() => new Patience({ control }).until(() => false, word, FOREVER), /^stopped$/);
  await worker.terminate();
});

t.test('where a call has a limit, so has a wait', (t) => {
  const patience = new Patience({ mostMs: 5 });
  t.throws(() => patience.sleep(HOUR_MS), /longer than a call may take/);
  t.equal(
    patience.until(() => false, words(), 1),
    false,
  );
  t.end();
});
