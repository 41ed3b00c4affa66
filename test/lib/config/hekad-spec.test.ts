import t from 'tap';
import { hekadSpec } from '../../../lib/config/hekad-spec.ts';
import { checkSection, sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';

t.test("the defaults are Heka's", async (t) => {
  const hekad = sectionOf(hekadSpec);
  const numbers = {
    maxprocs: 0,
    max_message_loops: 4,
    max_process_inject: 1,
    max_timer_inject: 10,
    max_process_duration: 100_000,
    max_message_size: 65_536,
    log_flags: 3,
    checkpoint_interval: 5000,
  };
  for (const [key, value] of Object.entries(numbers)) t.equal(hekad.number(key), value, key);
  t.equal(hekad.string('base_dir'), '/var/cache/hekad');
  t.equal(hekad.string('share_dir'), '/usr/share/heka');
});

t.test('settings that upstream checks are checked', async (t) => {
  const faults = (values: Record<string, ConfigValue>) =>
    checkSection(hekadSpec, values, {
      name: 'hekad',
      place: { file: '', line: 0, column: 0 },
    }).faults;
  t.match(faults({ max_message_size: 1024 }), [
    { text: /'max_message_size' setting must be greater than 1024\./ },
  ]);
  t.same(faults({ max_message_size: '1MiB' }), []);
  t.match(faults({ sample_denominator: 0 }), [{ code: 'HKT_CONFIG_VALUE' }]);
  t.match(faults({ log_flags: 8 }), [{ code: 'HKT_CONFIG_VALUE' }]);
  t.match(faults({ max_pack_idle: '2 minutes' }), [{ code: 'HKT_CONFIG_VALUE' }]);
  t.match(faults({ cpuprof: 'cpu.prof' }), [{ code: 'HKT_CONFIG_NOT_BUILT' }]);
  t.same(faults({ cpuprof: '', memprof: '' }), []);
  t.match(faults({ memory_limit_cap: '1TiB' }), [{ code: 'HKT_CONFIG_VALUE' }]);
  t.match(faults({ memory_limit_cap: 0 }), [{ code: 'HKT_CONFIG_VALUE' }]);
  t.match(faults({ message_matcher: 'TRUE' }), [{ code: 'HKT_CONFIG_UNKNOWN_KEY' }]);
});
