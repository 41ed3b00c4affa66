import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkSection, sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue, Section } from '../../../lib/config/spec.ts';
import {
  definitionFromSection,
  managedDefinition,
} from '../../../lib/filters/filter-definition.ts';
import { sandboxFilterSpec } from '../../../lib/filters/sandbox-filter-spec.ts';
import { sandboxManagerSpec } from '../../../lib/manager/sandbox-manager-spec.ts';
import { confinementOf, type SandboxGlobals } from '../../../lib/sandboxes/section-parts.ts';
import { limits } from '../../../native-limits/limits.ts';
import { globals } from '../../manager-harness.ts';

function section(values: Readonly<Record<string, ConfigValue>> = {}): Section {
  return sectionOf(sandboxFilterSpec, { message_matcher: 'TRUE', ...values }, 'counts');
}

t.test(
  'a static filter gets the documented defaults and its script from below share_dir',
  async (t) => {
    const shareDir = t.testdir({ lua_filters: { 'a.lua': 'x = "\u00e4"' } });
    const definition = await definitionFromSection(section({ filename: 'lua_filters/a.lua' }), {
      ...globals,
      shareDir,
    });
    t.same(
      { ...definition, script: Buffer.from(definition.script).toString() },
      {
        name: 'counts',
        script: 'x = "\u00e4"',
        chunkName: 'lua_filters/a.lua',
        matcher: 'TRUE',
        signer: '',
        tickerSeconds: 0,
        preserveData: false,
        timerEventOnShutdown: false,
        engine: 'compiled',
        api: 'heka',
        moduleDirectories: [join(shareDir, 'lua_modules')],
        nativeModules: ['circular_buffer'],
        refusedModules: {},
        disabledModules: [],
        removedEntries: {},
        config: {},
        limits: {
          memoryBytes: 8388608,
          instructions: 1000000,
          outputBytes: 64512,
          callMs: 1000,
          processInject: 1,
          timerInject: 10,
          messageLoops: 4,
          messageBytes: 65536,
        },
        managed: false,
      },
    );
    t.equal(section().bool('can_exit'), true, 'unlike other filters, as upstream');
  },
);

t.test(
  'a script may be absolute or a link; one that cannot be read is told with its path',
  async (t) => {
    const shareDir = t.testdir({ 'a.lua': 'x', folder: {} });
    const env = { ...globals, shareDir };
    symlinkSync(join(shareDir, 'a.lua'), join(shareDir, 'link.lua'));
    for (const filename of [join(shareDir, 'a.lua'), 'link.lua']) {
      t.equal((await definitionFromSection(section({ filename }), env)).script.length, 1);
    }
    await t.rejects(definitionFromSection(section({ filename: 'none.lua' }), env), {
      code: 'HKT_CONFIG_SCRIPT',
      message: `'counts' script ${join(shareDir, 'none.lua')}: ENOENT`,
    });
    await t.rejects(definitionFromSection(section({ filename: 'folder' }), env), {
      code: 'HKT_CONFIG_SCRIPT',
    });
    await t.rejects(definitionFromSection(section(), env), {
      code: 'HKT_CONFIG_SCRIPT',
      message: "'counts' script is missing: filename is not set",
    });
  },
);

t.test('every limit is in force: zero is the cap, more than the cap is the cap', (t) => {
  const zero = { memory_limit: 0, instruction_limit: 0, output_limit: 0, call_timeout: '0' };
  const huge = {
    memory_limit: '4GiB',
    instruction_limit: 9e15,
    output_limit: '1GiB',
    call_timeout: '24h',
  };
  const caps: SandboxGlobals['caps'] = {
    memoryBytes: 1e6,
    instructions: 2e6,
    outputBytes: 3e6,
    callMs: 4e3,
  };
  for (const values of [zero, huge]) {
    t.match(confinementOf(section(values), globals).limits, {
      memoryBytes: limits.memory.cap,
      instructions: limits.instructions.cap,
      outputBytes: limits.output.cap,
      callMs: limits.callTime.cap,
    });
    t.match(confinementOf(section(values), { ...globals, caps }).limits, caps);
    t.match(
      confinementOf(sectionOf(sandboxManagerSpec, values), { ...globals, caps }).limits,
      caps,
    );
  }
  t.match(
    confinementOf(section({ memory_limit: '64KiB', call_timeout: '250ms' }), globals).limits,
    {
      memoryBytes: 65536,
      callMs: 250,
    },
  );
  t.match(
    confinementOf(section(), { ...globals, maxProcessInject: 0, maxMessageLoops: 1e6 }).limits,
    {
      processInject: limits.processInject.cap,
      messageLoops: limits.messageLoops.cap,
    },
  );
  t.end();
});

t.test('module directories are a list, absolute, in order', (t) => {
  t.same(
    confinementOf(section({ module_directory: '/a; /b/../c ;;d' }), globals).moduleDirectories,
    ['/a', '/c', join(process.cwd(), 'd')],
  );
  t.end();
});

t.test('config reaches the guest as bytes, tables as tables, dates not at all', async (t) => {
  const shareDir = t.testdir({ 'a.lua': '' });
  const when = new Date(0);
  const config = JSON.parse('{"__proto__": "own"}');
  const definition = await definitionFromSection(
    section({
      filename: 'a.lua',
      config: {
        text: 'ä€',
        yes: true,
        n: 1.5,
        list: ['ä', [1, 2]],
        deep: { ä: { b: 'c' } },
        when,
        dates: [1, when],
        inner: { when, kept: 1 },
      },
    }),
    { ...globals, shareDir },
  );
  t.same(definition.config, {
    text: '\u00c3\u00a4\u00e2\u0082\u00ac',
    yes: true,
    n: 1.5,
    list: ['\u00c3\u00a4', [1, 2]],
    deep: { '\u00c3\u00a4': { b: 'c' } },
    inner: { kept: 1 },
  });
  const odd = await definitionFromSection(section({ filename: 'a.lua', config }), {
    ...globals,
    shareDir,
  });
  t.same(Object.entries(odd.config), [['__proto__', 'own']]);
});

t.test(
  'a managed filter gets its confinement from the manager and may not name a setting of it',
  (t) => {
    const manager = sectionOf(
      sandboxManagerSpec,
      { memory_limit: 1000, module_directory: '/m' },
      'M',
    );
    const filter = {
      name: 'M-A',
      manager: 'M',
      script: Buffer.from('x'),
      confinement: confinementOf(manager, globals),
      globals,
    };
    t.match(managedDefinition(section({ filename: '' }), filter), {
      name: 'M-A',
      chunkName: 'M-A.lua',
      managed: true,
      moduleDirectories: ['/m'],
      limits: { memoryBytes: 1000, instructions: 1000000 },
    });
    const owned: [string, ConfigValue][] = [
      ['memory_limit', 8388608],
      ['instruction_limit', 0],
      ['output_limit', 1],
      ['call_timeout', '1s'],
      ['engine', 'compiled'],
      ['isolation', 'thread'],
      ['module_directory', ''],
      ['filename', 'x.lua'],
    ];
    for (const [key, value] of owned) {
      t.throws(() => managedDefinition(section({ [key]: value }), filter), {
        code: 'HKT_CONTROL_OWNED',
        message: `'${key}' is set by the manager M and cannot be given by a filter`,
      });
    }
    t.end();
  },
);

t.test('what is not built is refused with a code, what has no effect is a warning', (t) => {
  const processes = { isolation: 'process' };
  t.throws(() => section(processes), { code: 'HKT_CONFIG_NOT_BUILT' });
  t.throws(() => sectionOf(sandboxManagerSpec, processes), { code: 'HKT_CONFIG_NOT_BUILT' });
  t.throws(() => section({ call_timeout: '-1s' }), { code: 'HKT_CONFIG_VALUE' });
  t.throws(() => sectionOf(sandboxManagerSpec, { ticker_interval: 1 }), {
    code: 'HKT_CONFIG_TICKER',
  });
  const place = { file: '', line: 0, column: 0 };
  const raw = { message_matcher: 'TRUE', profile: true };
  const checked = checkSection(sandboxFilterSpec, raw, { name: 'a', place });
  t.match(checked, { faults: [], warnings: [{ code: 'HKT_CONFIG_NO_EFFECT' }] });
  t.end();
});

t.test('the manager has the documented defaults', (t) => {
  const manager = sectionOf(sandboxManagerSpec, {}, 'M');
  t.equal(manager.string('message_matcher'), "Type == 'heka.control.sandbox'");
  t.equal(manager.string('working_directory'), 'sbxmgrs');
  t.equal(manager.number('max_filters'), 0);
  t.equal(manager.bool('can_exit'), false);
  t.equal(manager.bool('allow_unsigned'), false);
  t.equal(manager.number('memory_limit'), 8388608);
  t.end();
});
