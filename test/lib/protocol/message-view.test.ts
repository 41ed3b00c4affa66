import t from 'tap';
import { HekateError } from '../../../lib/protocol/errors.ts';
import { MessageView, ValueType } from '../../../lib/protocol/message-view.ts';
import { utf8Bytes, utf8Text } from '../../../lib/protocol/text.ts';
import { seededRandom } from '../../seeded-random.ts';

function viewOf(hex: string, pad = ''): MessageView {
  const bytes = Buffer.from(pad + hex.replaceAll(' ', '') + pad, 'hex');
  const view = new MessageView();
  view.reset(bytes, pad.length / 2, bytes.length - pad.length / 2);
  return view;
}

function item(tag: number, content: string): string {
  const size = content.replaceAll(' ', '').length / 2;
  return Buffer.of((tag << 3) | 2, size).toString('hex') + content;
}

const name = utf8Bytes;
const numbers = (view: MessageView): number[] => {
  const found: number[] = [];
  for (let i = 0; view.locateValue(i); i++) found.push(view.valueNumber);
  return found;
};

t.test('headers are found wherever the message lies in the bytes', async (t) => {
  const hex = '0a0100 1005 1a0141 220142 2803 320143 3a0144 4007 4a0145';
  for (const pad of ['', '0a', '52ffffff', '00000000']) {
    const v = viewOf(hex, pad);
    v.check();
    const at = (start: number, end: number): string => utf8Text(v.bytes, start, end);
    t.equal(at(v.typeStart, v.typeEnd), 'A');
    t.equal(at(v.loggerStart, v.loggerEnd), 'B');
    t.equal(at(v.payloadStart, v.payloadEnd), 'C');
    t.equal(at(v.envVersionStart, v.envVersionEnd), 'D');
    t.equal(at(v.hostnameStart, v.hostnameEnd), 'E');
    t.match(v, { severity: 3, hasSeverity: true, pid: 7, hasPid: true, timestamp: 5 });
    t.equal(v.uuidEnd - v.uuidStart, 1);
  }
});

t.test('an empty message has no header and no field', async (t) => {
  const v = viewOf('', '0a0141');
  v.check();
  t.match(v, { uuidStart: -1, typeStart: -1, payloadStart: -1, hasTimestamp: false, severity: 7 });
  t.equal(v.fieldCount, 0);
  t.equal(v.timestampBig(), 0n);
  t.notOk(v.findField(name(''), 0));
});

t.test('a view forgets the last message when it is pointed at another', async (t) => {
  const v = viewOf(`1a0141 2803 4007 1005 ${item(10, '0a016e 220178')}`);
  v.check();
  v.reset(new Uint8Array(0), 0, 0);
  v.check();
  t.match(v, { typeStart: -1, hasSeverity: false, severity: 7, hasPid: false, pid: 0 });
  t.match(v, { hasTimestamp: false, timestamp: 0, fieldCount: 0 });
  t.throws(() => v.openField(0), RangeError);
  t.notOk(v.findField(name('n'), 0));
});

t.test('the last of repeated headers counts', async (t) => {
  const v = viewOf('1a0141 2801 1a0142 2802 1001 1002');
  v.check();
  t.equal(utf8Text(v.bytes, v.typeStart, v.typeEnd), 'B');
  t.equal(v.severity, 2);
  t.equal(v.timestampBig(), 2n);
});

t.test('negative severities and pids are read in their 5-byte and 10-byte forms', async (t) => {
  for (const form of ['feffffff0f', 'feffffffffffffffff01']) {
    const v = viewOf(`28${form} 40${form}`);
    v.check();
    t.match(v, { severity: -2, pid: -2 });
  }
});

t.test('timestamps are exact over the whole 64-bit range', async (t) => {
  const cases: [string, bigint][] = [
    ['00', 0n],
    ['80c48c9491a9e8d413', 1416840893000000000n],
    ['ffffffffffffffff7f', 2n ** 63n - 1n],
    ['80808080808080808001', -(2n ** 63n)],
    ['ffffffffffffffffff01', -1n],
    ['8180808080808010', 2n ** 53n + 1n],
  ];
  for (const [hex, ns] of cases) {
    const v = viewOf(`10${hex}`);
    v.check();
    t.equal(v.timestampBig(), ns);
    t.equal(v.timestamp, Number(ns));
  }
});

t.test('unknown tags of every wire type are passed over and reported by eachItem', async (t) => {
  const hex = `7a0178 1a0141 78ffff03 79 0102030405060708 7d 01020304 fa0100 ${item(10, '0a016e')}`;
  const v = viewOf(hex, '00');
  v.check();
  t.equal(utf8Text(v.bytes, v.typeStart, v.typeEnd), 'A');
  t.equal(v.fieldCount, 1);
  const items: string[] = [];
  v.eachItem((tag, start, end) =>
    items.push(`${tag}:${Buffer.from(v.bytes.subarray(start, end)).toString('hex')}`),
  );
  t.same(items, [
    '15:7a0178',
    '3:1a0141',
    '15:78ffff03',
    '15:790102030405060708',
    '15:7d01020304',
    '31:fa0100',
    '10:52030a016e',
  ]);
});

t.test('a known tag of a wrong wire type is refused', async (t) => {
  const wrong = [
    '0801',
    '12026162',
    '1801',
    '2001',
    '2a00',
    '3001',
    '3801',
    '4200',
    '4801',
    '5001',
  ];
  wrong.push('0000', '0200', '0d01020304', '110102030405060708', '0b', '7b', '7c', '7e', '7f');
  for (const hex of wrong) {
    t.throws(() => viewOf(hex).scan(), { code: 'HKT_MESSAGE_WIRE_TYPE' }, hex);
  }
  const inField = [
    '0801',
    '120161',
    '1801',
    '2001',
    '2801',
    '3101020304050607 08',
    '3801',
    '4101020304050607 08',
  ];
  for (const hex of [...inField, '0001', '0200', '4b', '4c', '0d01020304']) {
    t.throws(() => viewOf(item(10, hex)).check(), { code: 'HKT_MESSAGE_WIRE_TYPE' }, hex);
  }
});

t.test(
  'what is cut off is refused, also when the bytes behind the message would complete it',
  async (t) => {
    const cut = [
      '0a',
      '0a05 41',
      '10',
      '1080',
      '0affffffff0f',
      '1affffffffffffffffff01',
      '79 01',
      '7d 01',
      '80',
    ];
    cut.push('10ffffffffffffffffffff01', '8a808080808080808080 80');
    for (const hex of cut) {
      for (const pad of ['', '00000000000000000000000000']) {
        t.throws(() => viewOf(hex, pad).scan(), { code: 'HKT_MESSAGE_TRUNCATED' }, hex);
      }
    }
    const inField = [
      '0a',
      '0a0541',
      '30',
      '3080',
      '320180',
      '3a0401020304',
      '3901',
      '420180',
      '4d01',
      '22ff',
    ];
    for (const hex of inField) {
      const pad = '0000000000000000000000';
      t.throws(() => viewOf(item(10, hex), pad).check(), { code: 'HKT_MESSAGE_TRUNCATED' }, hex);
    }
  },
);

t.test('a key above 32 bits is no alias of a known tag', async (t) => {
  t.throws(() => viewOf('9a8080808001 0141').scan(), { code: 'HKT_MESSAGE_TRUNCATED' });
});

t.test('numbers are read packed, unpacked and mixed', async (t) => {
  const integers = [
    '3203010203',
    '300130023003',
    '30013202 0203',
    '3200 3001 3200 32020203',
    '300132010230 03',
  ];
  for (const hex of integers) {
    const v = viewOf(item(10, `0a016e 1002 ${hex}`), '3004');
    v.check();
    v.openField(0);
    t.same(numbers(v), [1, 2, 3], hex);
    t.equal(v.countValues(), 3);
  }
  const half = '000000000000e03f';
  for (const hex of [`39${half}39${half}`, `3a10${half}${half}`, `39${half}3a08${half}`]) {
    const v = viewOf(item(10, `0a016e 1003 ${hex}`));
    v.check();
    v.openField(0);
    t.same(numbers(v), [0.5, 0.5], hex);
  }
  for (const hex of ['40014000', '42020100', '40ffffffffffffffffff01 420100']) {
    const v = viewOf(item(10, `0a016e 1004 ${hex}`));
    v.check();
    v.openField(0);
    t.same(numbers(v), [1, 0], hex);
  }
});

t.test('integers are exact as bigints', async (t) => {
  const v = viewOf(
    item(10, '0a016e 1002 321c 8180808080808010 ffffffffffffffff7f ffffffffffffffffff01 00'),
  );
  v.check();
  v.openField(0);
  const found: bigint[] = [];
  for (let i = 0; v.locateValue(i); i++) found.push(v.valueBig());
  t.same(found, [2n ** 53n + 1n, 2n ** 63n - 1n, -1n, 0n]);
});

t.test('only the values of the declared type count', async (t) => {
  const all = '0a016e 220173 2a0162 3007 39000000000000e03f 4001';
  const counts = [
    ValueType.string,
    ValueType.bytes,
    ValueType.integer,
    ValueType.double,
    ValueType.bool,
  ];
  for (const type of counts) {
    const v = viewOf(item(10, `${all} 10${Buffer.of(type).toString('hex')}`));
    v.check();
    v.openField(0);
    t.equal(v.countValues(), 1, `type ${type}`);
  }
  const unknown = viewOf(item(10, `${all} 1009`));
  unknown.check();
  unknown.openField(0);
  t.equal(unknown.countValues(), 0);
  t.notOk(unknown.locateValue(0));
});

t.test('the parts of a field may stand in any order', async (t) => {
  const orders = [
    '0a016e 1002 1a0172 30053006',
    '30053006 1a0172 1002 0a016e',
    '3005 0a016e 3006 1002 1a0172',
  ];
  for (const hex of orders) {
    const v = viewOf(item(10, hex));
    v.check();
    t.ok(v.findField(name('n'), 0), hex);
    t.equal(v.fieldValueType, ValueType.integer);
    t.ok(v.fieldHasValueType);
    t.equal(utf8Text(v.bytes, v.fieldRepresentationStart, v.fieldRepresentationEnd), 'r');
    t.same(numbers(v), [5, 6]);
    t.notOk(v.findField(name('m'), 0));
  }
});

t.test('a field registers its defaults when it has neither type nor representation', async (t) => {
  const v = viewOf(`${item(10, '0a016e 1002 1a0172 3005')}${item(10, '0a016d 220178')}`);
  v.check();
  v.openField(0);
  v.openField(1);
  t.match(v, { fieldValueType: ValueType.string, fieldHasValueType: false });
  t.match(v, { fieldRepresentationStart: -1, fieldRepresentationEnd: -1 });
  t.ok(v.locateValue(0));
  t.equal(utf8Text(v.bytes, v.valueStart, v.valueEnd), 'x');
  t.notOk(v.locateValue(1));
});

t.test(
  'fields without a name have the empty name, and empty field records are fields',
  async (t) => {
    // The record of field 0 is empty, and the byte behind it looks like a name.
    const v = viewOf(`5200 0a00 ${item(10, '0a00 220161')} ${item(10, '220162')}`);
    v.check();
    t.equal(v.fieldCount, 3);
    const found: string[] = [];
    for (let i = 0; v.findField(name(''), i); i++) {
      found.push(v.locateValue(0) ? utf8Text(v.bytes, v.valueStart, v.valueEnd) : '-');
    }
    t.same(found, ['-', 'a', 'b']);
  },
);

t.test('fields of one name are told apart by their index, in wire order', async (t) => {
  const v = viewOf(
    [item(10, '0a016e 220161'), item(10, '0a016d 220162'), item(10, '220163 0a016e')].join(''),
  );
  v.check();
  t.ok(v.findField(name('n'), 1));
  t.ok(v.locateValue(0));
  t.equal(utf8Text(v.bytes, v.valueStart, v.valueEnd), 'c');
  t.notOk(v.findField(name('n'), 2));
  t.notOk(v.findField(name('nn'), 0));
});

t.test('of two names in one field the first counts, for finding and for reading', async (t) => {
  const v = viewOf(item(10, '0a016e 0a016d 220161'));
  v.check();
  t.ok(v.findField(name('n'), 0));
  t.notOk(v.findField(name('m'), 0));
  v.openField(0);
  t.equal(utf8Text(v.bytes, v.fieldNameStart, v.fieldNameEnd), 'n');
});

t.test('a name of 128 bytes and more is found', async (t) => {
  const long = 'k'.repeat(200);
  const v = viewOf(`52d001 0ac801${Buffer.from(long).toString('hex')} 22036f6e65`);
  v.check();
  t.ok(v.findField(name(long), 0));
  t.notOk(v.findField(name(long.slice(1)), 0));
});

t.test('values may be located in any order', async (t) => {
  const v = viewOf(item(10, '0a016e 1002 3203010203 3004'));
  v.check();
  v.openField(0);
  const order = [3, 0, 0, 2, 1, 3];
  t.same(
    order.map((i) => v.locateValue(i) && v.valueNumber),
    [4, 1, 1, 3, 2, 4],
  );
  t.notOk(v.locateValue(4));
  t.notOk(v.locateValue(4));
  t.ok(v.locateValue(3), 'after a miss');
});

t.test('reading all values of a large packed field takes one pass', async (t) => {
  const count = 60_000;
  const head = Buffer.from('0a016e100432e0d403', 'hex');
  const field = Buffer.concat([head, Buffer.alloc(count, 1)]);
  field[5] = 0x42;
  const bytes = Buffer.concat([Buffer.of(0x52, 0xe9, 0xd4, 0x03), field]);
  const v = new MessageView();
  v.reset(bytes, 0, bytes.length);
  v.check();
  v.openField(0);
  const started = process.cpuUsage();
  t.equal(numbers(v).length, count);
  const spent = process.cpuUsage(started);
  // One pass is about a millisecond; a pass per value would be a minute.
  t.ok(spent.user < 2_000_000, `${spent.user} us`);
});

t.test('damaged bytes are read or refused, never read beyond the message', async (t) => {
  const random = seededRandom();
  t.comment(`seed ${random.seed}`);
  const good = Buffer.from(
    '0a10000102030405060708090a0b0c0d0e0f1080c48c9491a9e8d4131a045445535428feffffff0f3203706179' +
      '40074a0168520a0a016110021a003203010203521e0a016210031a003a10000000000000e03f000000000000f03f' +
      '40015205220178 0a0063fa0102 4142'.replaceAll(' ', ''),
    'hex',
  );
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const size = random.below(4) === 0 ? good.length : random.below(good.length + 1);
    const core = Uint8Array.from(good.subarray(0, size));
    for (let i = random.below(4); i > 0 && size > 0; i--)
      core[random.below(size)] = random.below(256);
    // The same message between two different surroundings must read the same.
    const results = [0x00, 0xff].map((fill) => {
      const bytes = new Uint8Array(size + 40).fill(fill);
      bytes.set(core, 20);
      const v = new MessageView();
      v.reset(bytes, 20, 20 + size);
      return describe(v);
    });
    if (results[0] !== results[1]) {
      t.fail(`${Buffer.from(core).toString('hex')} reads differently: ${results.join(' | ')}`);
    }
    if (!results[0]?.startsWith('HKT_')) read++;
  }
  t.ok(read > 200 && read < 19_800, `${read} were readable`);
});

/** Everything that a view tells about a message, or the code of its refusal. After `check` nothing may throw. */
function describe(v: MessageView): string {
  try {
    v.check();
  } catch (error) {
    if (error instanceof HekateError) return error.code;
    throw error;
  }
  const at = (start: number, end: number): string => {
    if (start < 0) return '-';
    if (start < v.start || end > v.end || end < start) throw new Error(`outside: ${start} ${end}`);
    return Buffer.from(v.bytes.subarray(start, end)).toString('hex');
  };
  const parts = [
    at(v.uuidStart, v.uuidEnd),
    at(v.typeStart, v.typeEnd),
    at(v.loggerStart, v.loggerEnd),
    at(v.payloadStart, v.payloadEnd),
    at(v.envVersionStart, v.envVersionEnd),
    at(v.hostnameStart, v.hostnameEnd),
    `${v.timestampBig()} ${v.severity} ${v.pid} ${v.fieldCount}`,
  ];
  for (let i = 0; i < v.fieldCount; i++) {
    v.openField(i);
    parts.push(at(v.fieldNameStart, v.fieldNameEnd), String(v.fieldValueType));
    parts.push(at(v.fieldRepresentationStart, v.fieldRepresentationEnd));
    const fieldName = v.bytes.slice(v.fieldNameStart, v.fieldNameEnd);
    const count = v.countValues();
    for (let k = 0; v.locateValue(k); k++) {
      const isText = v.fieldValueType <= ValueType.bytes;
      parts.push(isText ? at(v.valueStart, v.valueEnd) : String(v.valueNumber));
      if (k >= count) throw new Error('more values than were counted');
    }
    if (!v.findField(fieldName, 0)) throw new Error('a field is not found by its own name');
  }
  v.eachItem((tag, start, end) => parts.push(`${tag}=${at(start, end)}`));
  return parts.join(',');
}
