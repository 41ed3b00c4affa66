import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/circular-buffer/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { preserved, restore, tryDamaged } from '../object-forms.ts';

const MODULE = 'circular_buffer';
const ROOM = 100_000;

onBothEngines((name, create) => {
  const made = (script = '', options = {}): ModuleGuest => {
    const guest = new ModuleGuest(create, { [MODULE]: createModule }, { api: 'lsb', ...options });
    guest.run('require "circular_buffer"');
    guest.run(script);
    return guest;
  };
  const text = (guest: ModuleGuest): string => guest.object('cb').output?.(ROOM) ?? 'none';
  const rows = (guest: ModuleGuest): string[] => text(guest).split('\n').slice(1, -1);

  t.test(`${name}: an untouched buffer`, async (t) => {
    const guest = made('cb = circular_buffer.new(3, 2, 60)');
    t.equal(guest.value('return circular_buffer.version()'), '1.0.2');
    t.equal(
      text(guest),
      '{"time":0,"rows":3,"columns":2,"seconds_per_row":60,"column_info":[{"name":"Column_1","unit":"count","aggregation":"sum"},{"name":"Column_2","unit":"count","aggregation":"sum"}],"annotations":[]}\nnan\tnan\nnan\tnan\nnan\tnan\n',
    );
    t.same(guest.run('return cb:fromstring("120 2 nan nan nan nan nan nan")'), []);
    t.same(guest.run('return cb:current_time()'), [120e9]);
    t.match(text(guest), /^\{"time":0,.*\nnan\tnan\nnan\tnan\nnan\tnan\n$/);
  });

  t.test(`${name}: the golden vector, as a script writes it`, async (t) => {
    const guest = made(String.raw`
      cb = circular_buffer.new(3, 2, 1)
      cb:set_header(1, "Add")
      cb:add(0, 1, 1) cb:add(1e9, 1, 1.5) cb:add(2e9, 1, 0.1234567891)
      cb:set(2e9, 2, 1/0)
      cb:add(3e9, 1, 2^40)
      cb:annotate(3e9, 1, "info", "hi \"q\" / \\ \t\1x")
      cb:annotate(1e9, 2, "alert", "second", false)`);
    const first = '{"x":1000,"col":2,"shortText":"a","text":"second"}';
    const second = String.raw`{"x":3000,"col":1,"shortText":"i","text":"hi \"q\" \/ \\ \t x"}`;
    t.ok(text(guest).includes(`"annotations":[${first},${second}]}\n`));
    t.match(text(guest), /^\{"time":1,/);
    t.same(rows(guest), ['1.5\tnan', '0.12345679\tinf', '1099511627776\tnan']);
    t.same(guest.run('return cb:current_time(), cb:get(4e9, 1)'), [3e9, undefined]);
    guest.run('cb:format("cbufd")');
    const deltas = text(guest);
    t.ok(deltas.includes(`"annotations":[${second}]}\n`), 'only the note that is to be told of');
    t.ok(deltas.endsWith('\n1\t1.5\tnan\n2\t0.12345679\tinf\n3\t1099511627776\tnan\n'));
    t.equal(text(guest), '', 'nothing has changed since');
    guest.run('cb:fromstring("3 0 1099511627776 nan 1.5 nan 0.12345679 inf") cb:format("cbuf")');
    t.same(rows(guest), ['1.5\tnan', '0.12345679\tinf', '1099511627776\tnan']);
  });

  t.test(`${name}: deltas and ranges as lists`, async (t) => {
    const guest = made(
      'cb = circular_buffer.new(5, 1, 1) for i = 1, 5 do cb:set(i * 1e9, 1, i) end',
    );
    t.same(guest.run('return unpack(cb:get_range(1))'), [1, 2, 3, 4, 5]);
    t.same(guest.run('return unpack(cb:get_range_delta(1, 3e9, 4e9))'), [3, 4]);
    t.same(guest.run('return cb:get_delta(2e9, 1), cb:get_delta(9e9, 1)'), [2, undefined]);
    t.same(guest.run('return cb:get_range(1, 11e9, 14e9)'), [undefined]);
    t.match(guest.error('cb:get_range(1, 2e9, 1e9)'), 'end must be >= start');
    t.match(guest.error('cb:get_range(2)'), 'column out of range');
    t.match(guest.error('cb:get_range()'), 'incorrect number of arguments');
  });

  t.test(`${name}: a sum without a value is an error that leaves none`, async (t) => {
    const guest = made('cb = circular_buffer.new(2, 1, 1) cb:set(0, 1, 1/0)');
    t.match(guest.error('cb:add(0, 1, -1/0)'), 'add produced a NAN');
    t.same(rows(guest), ['nan', 'nan']);
    guest.run('cb:add(0, 1, 5)');
    t.same(rows(guest), ['5', 'nan']);
  });

  t.test(`${name}: arguments of 1.x`, async (t) => {
    const guest = made('cb = circular_buffer.new(2, 1, 1)');
    const error = (call: string) => guest.error(`return ${call}`);
    t.match(error('circular_buffer.new(2, 1, 1, true)'), 'incorrect number of arguments');
    t.match(error('circular_buffer.new(2, 257, 1)'), 'columns must be > 0 and <= 256');
    t.match(error('circular_buffer.new(2, 1, 2^31)'), 'seconds_per_row is out of range');
    t.match(error('cb:annotate(0, 1, "warn", "x")'), "invalid option 'warn'");
    t.match(error('cb:annotate(0, 1, "info", "x", 1)'), 'delta must be boolean');
    t.match(error('cb.get({}, 0, 1)'), 'mozsvc.circular_buffer expected, got table');
    t.same(guest.run('return cb:annotate(9e9, 1, "info", "x")'), []);
    t.same(guest.run('return cb:current_time()'), [1e9], 'an annotation moves nothing on');
    t.equal(guest.value('return cb.compute'), undefined);
    t.equal(guest.value('return cb.mannwhitneyu'), undefined);
  });

  t.test(`${name}: what a preserved buffer has is there again`, async (t) => {
    const guest = made('cb = circular_buffer.new(3, 2, 60) cb:add(1379660520e9, 1, 1/3)');
    guest.run('cb:annotate(1379660520e9, 1, "info", "kept")');
    const data = preserved(guest, 'cb');
    t.equal(preserved(guest, 'cb'), data, 'preserving resets no delta');
    restore(guest, MODULE, data, 'cb');
    t.same(guest.run('return cb:get(1379660520e9, 1), cb:get_delta(1379660520e9, 1)'), [
      1 / 3,
      1 / 3,
    ]);
    t.ok(text(guest).includes('{"x":1379660520000,"col":1,"shortText":"i","text":"kept"}'));
    tryDamaged(t, guest, MODULE, data, 'restored:add(1e9, 1, 1) restored:get_range(1)');
  });

  t.test(`${name}: ranges and new rows are paid for`, async (t) => {
    const guest = made('cb = circular_buffer.new(10000, 10, 1)', { instructions: 200_000 });
    t.equal(guest.outcome('for i = 1, 1000 do cb:get_range(1) end').kind, 'instructions');
    const other = made('cb = circular_buffer.new(10000, 10, 1)', { instructions: 200_000 });
    t.equal(other.outcome('for i = 1, 1000 do cb:add(i * 1e14, 1, 1) end').kind, 'instructions');
  });
});
