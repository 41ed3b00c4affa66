import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ControlReply } from '../../../lib/protocol/control.ts';
import { latin1Bytes } from '../../../lib/protocol/text.ts';
import { FakeFilterHost } from '../../fake-filter-host.ts';
import { config, ManagerHarness } from '../../manager-harness.ts';

const files = (baseDir: string): string[] => readdirSync(join(baseDir, 'sbxmgrs')).sort();

t.test(
  'a load starts the filter under its full name, stores it and answers on stream and connection',
  async (t) => {
    const baseDir = t.testdir();
    const h = await ManagerHarness.started({ baseDir });
    const script = 'local a = 1 -- \u00e4';
    const text = config(
      'Example',
      'ticker_interval = 60\npreserve_data = true\nscript_type = "lua"\nfilename = ""',
    );
    const reply = await h.load(text, script);
    t.match(reply, {
      code: 'ok',
      action: 'load',
      name: 'PlatformDevs-Example',
      text: 'PlatformDevs-Example loaded',
    });

    const definition = h.host.definition('PlatformDevs-Example');
    t.match(definition, {
      name: 'PlatformDevs-Example',
      chunkName: 'PlatformDevs-Example.lua',
      matcher: "Type == 'Widget'",
      tickerSeconds: 60,
      preserveData: true,
      managed: true,
      moduleDirectories: ['/share/lua_modules'],
      limits: { memoryBytes: 8388608, instructions: 1000000, outputBytes: 64512 },
    });
    t.equal(Buffer.from(definition?.script ?? []).toString(), script);
    t.same(files(baseDir), ['PlatformDevs-Example.lua', 'PlatformDevs-Example.toml']);
    t.equal(readFileSync(join(baseDir, 'sbxmgrs', 'PlatformDevs-Example.toml'), 'utf8'), text);
    t.equal(readFileSync(join(baseDir, 'sbxmgrs', 'PlatformDevs-Example.lua'), 'utf8'), script);
    t.same(h.infos, ['Loading: PlatformDevs-Example']);
    t.same(h.errors, []);
    t.same(h.manager.report(), { RunningFilters: 1, ProcessMessageCount: 1 });
    const [routed] = h.routedOf('heka.control.reply');
    t.equal(routed?.logger, 'PlatformDevs');
    t.equal(routed?.hostname, 'here');
    t.equal(routed?.field('request'), reply.request);
  },
);

t.test('the script reaches host and disk byte for byte', async (t) => {
  const baseDir = t.testdir();
  const h = await ManagerHarness.started({ baseDir });
  const script = latin1Bytes(
    String.fromCharCode(...Array.from({ length: 256 }, (_, i) => 255 - i)),
  );
  t.equal((await h.load(config('A'), script)).code, 'ok');
  t.same(h.host.definition('PlatformDevs-A')?.script, script);
  t.same(new Uint8Array(readFileSync(join(baseDir, 'sbxmgrs', 'PlatformDevs-A.lua'))), script);
});

t.test(
  'an unload stops the filter and removes its files; a second one says that it does not run',
  async (t) => {
    const baseDir = t.testdir();
    const h = await ManagerHarness.started({ baseDir });
    await h.load(config('Example'));
    t.match(await h.unload('Example'), { code: 'ok', text: 'PlatformDevs-Example unloaded' });
    t.notOk(h.host.has('PlatformDevs-Example'));
    t.same(files(baseDir), []);
    t.equal(h.manager.report().RunningFilters, 0);
    t.match(await h.unload('Example'), {
      code: 'HKT_CONTROL_NOT_RUNNING',
      name: 'PlatformDevs-Example',
      text: 'PlatformDevs-Example is not running',
    });
  },
);

t.test('a reload replaces the code and the files without a stop', async (t) => {
  const baseDir = t.testdir();
  const h = await ManagerHarness.started({ baseDir });
  await h.load(config('A'), 'one');
  t.match(await h.reload(config('A', 'ticker_interval = 5'), 'two'), {
    code: 'ok',
    action: 'reload',
  });
  t.same(h.host.calls, ['start PlatformDevs-A', 'replace PlatformDevs-A']);
  t.equal(h.host.definition('PlatformDevs-A')?.tickerSeconds, 5);
  t.equal(readFileSync(join(baseDir, 'sbxmgrs', 'PlatformDevs-A.lua'), 'utf8'), 'two');
  t.same(files(baseDir), ['PlatformDevs-A.lua', 'PlatformDevs-A.toml']);
  t.equal(h.manager.report().RunningFilters, 1);

  h.host.terminate('PlatformDevs-A');
  t.equal(h.manager.report().RunningFilters, 0, 'the end of the new life counts');
});

t.test('a reload that fails keeps the old filter and its files', async (t) => {
  const baseDir = t.testdir();
  const h = await ManagerHarness.started({ baseDir });
  await h.load(config('A'), 'one');
  const reply = await h.reload(config('A'), 'fail HKT_SANDBOX_SCRIPT PlatformDevs-A.lua:1: boom');
  t.match(reply, {
    code: 'HKT_SANDBOX_SCRIPT',
    text: "Initialization failed for 'PlatformDevs-A': Init() PlatformDevs-A.lua:1: boom",
  });
  t.equal(Buffer.from(h.host.definition('PlatformDevs-A')?.script ?? []).toString(), 'one');
  t.equal(readFileSync(join(baseDir, 'sbxmgrs', 'PlatformDevs-A.lua'), 'utf8'), 'one');
  t.same(files(baseDir), ['PlatformDevs-A.lua', 'PlatformDevs-A.toml']);
});

t.test('a reload of what does not run is an error and starts nothing', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  t.match(await h.reload(config('A')), {
    code: 'HKT_CONTROL_NOT_RUNNING',
    text: 'loadSandbox failed: PlatformDevs-A is not running',
  });
  t.same(h.host.calls, []);
});

t.test(
  "each fault of a submission has its code, upstream's text, and leaves nothing",
  async (t) => {
    const baseDir = t.testdir();
    const h = await ManagerHarness.started({ baseDir });
    const section = 'type = "SandboxFilter"\nmessage_matcher = "TRUE"';
    const cases: [what: string, toml: string, code: string, text: RegExp][] = [
      ['no TOML', '[A', 'HKT_CONFIG_SYNTAX', /^loadSandbox failed: line 1:/],
      ['no section', '# nothing', 'HKT_CONTROL_SECTIONS', /holds 0 sections/],
      [
        'two sections',
        `[A]\n${section}\n[B]\n${section}`,
        'HKT_CONTROL_SECTIONS',
        /holds 2 sections/,
      ],
      ['a key outside', `x = 1\n[A]\n${section}`, 'HKT_CONFIG_NOT_SECTION', /'x' stands outside/],
      ['an empty name', `[""]\n${section}`, 'HKT_CONTROL_NAME', /it is empty/],
      ['a long name', `[${'a'.repeat(101)}]\n${section}`, 'HKT_CONTROL_NAME', /too long/],
      [
        'no type',
        '[A]\nmessage_matcher = "TRUE"',
        'HKT_CONFIG_PLUGIN_TYPE',
        /No registered plugin type: PlatformDevs-A/,
      ],
      [
        'other type',
        '[A]\ntype = "LogOutput"',
        'HKT_CONTROL_TYPE',
        /Plugin must be a SandboxFilter, received LogOutput/,
      ],
      [
        'no matcher',
        '[A]\ntype = "SandboxFilter"',
        'HKT_CONFIG_NO_MATCHER',
        /'PlatformDevs-A' missing message matcher/,
      ],
      [
        'bad matcher',
        '[A]\ntype = "SandboxFilter"\nmessage_matcher = "Type =="',
        'HKT_CONFIG_MATCHER',
        /Can't create message matcher for 'PlatformDevs-A': /,
      ],
      [
        'unknown key',
        `[A]\n${section}\nticker_intervall = 5`,
        'HKT_CONFIG_UNKNOWN_KEY',
        /line 4:1: HKT_CONFIG_UNKNOWN_KEY unknown config setting for 'PlatformDevs-A': ticker_intervall \(did you mean 'ticker_interval'\?\)/,
      ],
      [
        'wrong value',
        `[A]\n${section}\nticker_interval = "x"`,
        'HKT_CONFIG_TYPE',
        /ticker_interval/,
      ],
      [
        'bad retries',
        `[A]\n${section}\n[A.retries]\nmax_delay = "soon"`,
        'HKT_CONFIG_VALUE',
        /max_delay/,
      ],
      [
        'disk buffering',
        `[A]\n${section}\nuse_buffering = true`,
        'HKT_CONFIG_NOT_BUILT',
        /use_buffering/,
      ],
      ['other language', `[A]\n${section}\nscript_type = "js"`, 'HKT_CONFIG_VALUE', /script_type/],
      [
        'a path as language',
        `[A]\n${section}\nscript_type = "x/../../name"`,
        'HKT_CONFIG_VALUE',
        /script_type/,
      ],
      [
        'a filename',
        `[A]\n${section}\nfilename = "/etc/passwd"`,
        'HKT_CONTROL_OWNED',
        /'filename' is set by the manager/,
      ],
      [
        'a module path',
        `[A]\n${section}\nmodule_directory = "/"`,
        'HKT_CONTROL_OWNED',
        /module_directory/,
      ],
      ['memory', `[A]\n${section}\nmemory_limit = 0`, 'HKT_CONTROL_OWNED', /memory_limit/],
      [
        'instructions',
        `[A]\n${section}\nInstruction_Limit = 1`,
        'HKT_CONTROL_OWNED',
        /instruction_limit/,
      ],
      ['output', `[A]\n${section}\noutput_limit = 1`, 'HKT_CONTROL_OWNED', /output_limit/],
      ['time', `[A]\n${section}\ncall_timeout = "1h"`, 'HKT_CONTROL_OWNED', /call_timeout/],
      ['engine', `[A]\n${section}\nengine = "interpreted"`, 'HKT_CONTROL_OWNED', /engine/],
      ['isolation', `[A]\n${section}\nisolation = "thread"`, 'HKT_CONTROL_OWNED', /isolation/],
    ];
    for (const [what, toml, code, text] of cases) {
      const reply = await h.load(toml);
      t.equal(reply.code, code, `${what}: ${reply.text}`);
      t.match(reply.text, text, what);
      t.notMatch(reply.text, baseDir, 'no path of this machine in the reply');
    }
    t.same(h.host.calls, []);
    t.same(files(baseDir), []);
    const ended = h.routedOf('heka.sandbox-terminated');
    t.equal(ended.length, cases.length);
    t.match(ended[0], {
      logger: 'hekad',
      hostname: 'here',
      pid: 42,
      payload: /^loadSandbox failed: /,
    });
    t.equal(ended[0]?.field('plugin'), 'PlatformDevs');
    t.equal(h.errors.length, cases.length);
    for (const line of h.errors) t.notMatch(line, /[\r\n]/);
  },
);

t.test('a start that fails leaves nothing, and the name is free again', async (t) => {
  const baseDir = t.testdir();
  const h = await ManagerHarness.started({ baseDir });
  const cases: [code: string, text: string][] = [
    ['HKT_SANDBOX_SCRIPT', "Initialization failed for 'PlatformDevs-A': Init() x"],
    ['HKT_SANDBOX_INSTRUCTIONS', "Initialization failed for 'PlatformDevs-A': Init() x"],
    ['HKT_SANDBOX_LOST', "AddFilterRunner 'PlatformDevs-A' failed to start: x"],
    ['HKT_STATE_CORRUPT', 'x'],
  ];
  for (const [code, text] of cases) {
    t.match(await h.load(config('A'), `fail ${code} x`), { code, text });
    t.same(files(baseDir), [], code);
  }
  t.equal(h.manager.report().RunningFilters, 0);
  t.equal((await h.load(config('A'))).code, 'ok');
});

t.test('a failed load over the files of a terminated filter leaves these files', async (t) => {
  const baseDir = t.testdir();
  const h = await ManagerHarness.started({ baseDir });
  await h.load(config('A'), 'one');
  h.host.terminate('PlatformDevs-A');
  t.equal(h.manager.report().RunningFilters, 0);
  t.match(h.errors, [/PlatformDevs-A was terminated; its files stay/]);
  t.match(await h.load(config('A'), 'fail HKT_SANDBOX_SCRIPT x'), { code: 'HKT_SANDBOX_SCRIPT' });
  t.equal(readFileSync(join(baseDir, 'sbxmgrs', 'PlatformDevs-A.lua'), 'utf8'), 'one');
  t.match(await h.unload('A'), {
    code: 'ok',
    text: 'PlatformDevs-A had ended before; its files are removed',
  });
  t.same(files(baseDir), []);
});

t.test('a filter that ends while it starts is not counted and can be unloaded', async (t) => {
  const baseDir = t.testdir();
  const h = await ManagerHarness.started({ baseDir });
  t.equal((await h.load(config('A'), 'end')).code, 'ok');
  t.equal(h.manager.report().RunningFilters, 0);
  t.equal((await h.unload('A')).code, 'ok');
  t.same(files(baseDir), []);
});

t.test(
  'names are normalised character by character, and two that become one are told apart in the error',
  async (t) => {
    const baseDir = t.testdir();
    const h = await ManagerHarness.started({ baseDir, name: 'Dev.Ops \u{1f600}' });
    const names = ['../../etc/x', 'a b', '\u{1f600}', 'ä', 'C_D'];
    const full = ['______etc_x', 'a_b', '_', '_', 'C_D'].map((name) => `Dev_Ops__-${name}`);
    t.same((await h.load(config(`"${names[0]}"`))).name, full[0]);
    t.same((await h.load(config(`"${names[1]}"`))).name, full[1]);
    t.same((await h.load(config(`"${names[2]}"`))).name, full[2]);
    t.match(await h.load(config(`"${names[3]}"`)), {
      code: 'HKT_CONTROL_RUNNING',
      text: "loadSandbox failed: Dev_Ops__-_ is already running, loaded as '\u{1f600}'",
    });
    t.equal((await h.load(config('C_D'))).name, full[4]);
    t.match(await h.load(config('C_D')), {
      code: 'HKT_CONTROL_RUNNING',
      text: 'loadSandbox failed: Dev_Ops__-C_D is already running',
    });
    t.same(readdirSync(baseDir), ['sbxmgrs']);
    t.equal((await h.unload('../../etc/x')).code, 'ok');
    t.notOk(files(baseDir).includes('Dev_Ops__-______etc_x.toml'));
  },
);

t.test(
  'filters that this manager does not run cannot be unloaded, replaced or loaded over',
  async (t) => {
    const host = new FakeFilterHost();
    const h = await ManagerHarness.started({ baseDir: t.testdir(), host });
    await h.load(config('Own'));
    const own = host.filters.get('PlatformDevs-Own');
    if (own === undefined) throw new Error('not started');
    host.filters.set('PlatformDevs-Static', own);
    t.equal((await h.unload('Static')).code, 'HKT_CONTROL_NOT_MANAGED');
    t.equal((await h.reload(config('Static'))).code, 'HKT_CONTROL_NOT_MANAGED');
    t.match(await h.load(config('Static')), {
      code: 'HKT_CONTROL_RUNNING',
      text: 'loadSandbox failed: PlatformDevs-Static is already running',
    });
    t.ok(host.has('PlatformDevs-Static'));
  },
);

t.test('no more than max_filters run, and only the log and the reply tell', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir(), settings: { max_filters: 1 } });
  t.equal((await h.load(config('A'))).code, 'ok');
  t.match(await h.load(config('B')), {
    code: 'HKT_CONTROL_MAX_FILTERS',
    text: 'PlatformDevs attempted to load more than 1 filters',
  });
  t.same(h.errors, ['PlatformDevs attempted to load more than 1 filters']);
  t.same(h.routedOf('heka.sandbox-terminated'), []);
  t.equal((await h.reload(config('A'))).code, 'ok', 'a reload is no more');
  h.host.terminate('PlatformDevs-A');
  t.equal((await h.load(config('B'))).code, 'ok');

  const none = await ManagerHarness.started({ baseDir: t.testdir(), settings: { max_filters: 0 } });
  t.same(none.infos, ['max_filters is 0: no filter can be loaded']);
  t.equal((await none.load(config('A'))).code, 'HKT_CONTROL_MAX_FILTERS');
});

t.test('a message that lacks a field or asks for something else is answered', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const action = (value: string) => ({ name: 'action', value });
  t.match(await h.raw({}), { code: 'HKT_CONTROL_FIELD', text: /'action'/ });
  t.match(await h.raw({ fields: [action('restart')] }), {
    code: 'HKT_CONTROL_ACTION',
    action: 'restart',
  });
  t.match(await h.raw({ fields: [action('x'.repeat(9000))] }), {
    code: 'HKT_CONTROL_ACTION',
    action: 'x'.repeat(64),
  });
  t.match(await h.raw({ fields: [action('load')] }), {
    code: 'HKT_CONTROL_FIELD',
    text: /'config'/,
  });
  t.match(await h.raw({ fields: [action('unload')] }), {
    code: 'HKT_CONTROL_FIELD',
    text: /'name'/,
  });
  t.match(await h.raw({ fields: [action('unload'), { name: 'name', value: '' }] }), {
    code: 'HKT_CONTROL_NAME',
  });
  const bytes = { name: 'config', value: Buffer.from(config('A')) };
  t.match(await h.raw({ fields: [action('load'), bytes] }), { code: 'HKT_CONTROL_FIELD' });
  t.same(h.host.calls, []);
});

t.test(
  'a message is obeyed once, within five seconds, and not from before the start',
  async (t) => {
    const h = await ManagerHarness.started({ baseDir: t.testdir() });
    const message = h.request({ action: 'load', script: 's', config: config('A') });
    t.equal((await h.sendMessage(message)).code, 'ok');
    await h.unload('A');
    t.equal((await h.sendMessage(message)).code, 'HKT_CONTROL_REPLAY');
    t.notOk(h.host.has('PlatformDevs-A'), 'the replay started nothing');

    const later = h.request({ action: 'load', script: 's', config: config('A') });
    h.clock.advance(5000);
    t.match(await h.sendMessage(later), {
      code: 'HKT_CONTROL_SKEW',
      text: 'Discarded control message: 5 seconds skew',
    });
    t.ok(h.errors.includes('Discarded control message: 5 seconds skew'));
    const old = h.request({ action: 'unload', name: 'A' });
    const fresh = await ManagerHarness.started({ baseDir: t.testdir() });
    fresh.clock.advance(-10);
    const early = fresh.request({ action: 'unload', name: 'A' });
    fresh.clock.advance(10);
    t.equal((await fresh.sendMessage(early)).code, 'HKT_CONTROL_BEFORE_START');
    t.equal((await fresh.sendMessage(old)).code, 'HKT_CONTROL_SKEW');
    t.same(
      h.routedOf('heka.sandbox-terminated'),
      [],
      'a discarded message is only logged and answered',
    );
  },
);

t.test('a message is judged by when its frame was read, not by when its turn comes', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const readAtMs = h.clock.now();
  const message = h.request({ action: 'load', script: 's', config: config('A') });
  h.clock.advance(30_000);
  t.equal((await h.sendMessage(message, { readAtMs })).code, 'ok');
});

t.test("another signer's message never acts and is not answered", async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const message = h.request({ action: 'load', script: 's', config: config('A') });
  for (const signer of ['', 'platformdevs', 'Other'])
    void h.manager.deliver(h.pack(message, { signer }));
  await h.manager.stop();
  t.same(h.host.calls, []);
  t.same(h.routed, []);
  t.same(h.audited, []);
});

t.test('without message_signer only this machine may load, unless everyone may', async (t) => {
  const local = await ManagerHarness.started({
    baseDir: t.testdir(),
    settings: { message_signer: '' },
  });
  t.match(local.infos, [/taken from this machine only/]);
  const request = { action: 'load', script: 's', config: config('A') } as const;
  for (const signer of ['', 'Other']) {
    t.match(await local.send(request, { signer, loopback: false }), {
      code: 'HKT_CONTROL_UNSIGNED',
      text: /has no message_signer/,
    });
  }
  t.same(local.host.calls, []);
  t.equal((await local.send(request, { signer: '' })).code, 'ok');
  const { origin: _, ...lost } = local.pack(local.request({ action: 'unload', name: 'A' }), {
    signer: '',
  });
  void local.manager.deliver(lost);
  await local.manager.stop();
  t.ok(local.host.has('PlatformDevs-A'), 'a message of unknown origin is refused');

  const open = await ManagerHarness.started({
    baseDir: t.testdir(),
    settings: { message_signer: '', allow_unsigned: true },
  });
  t.match(open.infos, [/everyone who reaches an input/]);
  t.equal((await open.send(request, { signer: '', loopback: false })).code, 'ok');
});

t.test('control messages are worked on strictly one at a time and in order', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir(), settings: { max_filters: 100 } });
  const replies: Promise<ControlReply>[] = [];
  for (let i = 0; i < 20; i++) replies.push(h.load(config(`F${i}`)), h.unload(`F${i}`));
  for (const reply of await Promise.all(replies)) t.equal(reply.code, 'ok');
  t.equal(h.host.maxBusy, 1);
  t.same(h.host.calls.slice(0, 4), [
    'start PlatformDevs-F0',
    'stop PlatformDevs-F0',
    'start PlatformDevs-F1',
    'stop PlatformDevs-F1',
  ]);
});

t.test('two loads of one name at once: one wins, the other is told', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const replies = await Promise.all([h.load(config('A')), h.load(config('A'))]);
  t.same(
    replies.map((reply) => reply.code),
    ['ok', 'HKT_CONTROL_RUNNING'],
  );
});

t.test('a full queue asks the router to wait and loses nothing', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir(), settings: { max_filters: 5000 } });
  const gate = Promise.withResolvers<void>();
  h.host.gate = gate.promise;
  let waits: Promise<void> | undefined;
  let sent = 0;
  while (waits === undefined && sent < 5000) {
    sent++;
    waits = h.manager.deliver(h.pack(h.request({ action: 'unload', name: 'A' }), { oneWay: true }));
    if (sent === 1) void h.load(config('A'));
  }
  t.equal(sent, 1024 - 1, 'one load and so many unloads wait');
  gate.resolve();
  await waits;
  await h.manager.stop();
  t.equal(h.routedOf('heka.control.reply').length, sent + 1, 'each was answered');
});

t.test('stopping finishes what is in hand and refuses what waits', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const gate = Promise.withResolvers<void>();
  h.host.gate = gate.promise;
  const first = h.load(config('A'));
  const second = h.load(config('B'));
  while (h.host.busy === 0) await new Promise((resolve) => setImmediate(resolve));
  const stopped = h.manager.stop();
  gate.resolve();
  t.equal((await first).code, 'ok');
  t.equal((await second).code, 'HKT_CONTROL_STOPPING');
  await stopped;
  t.ok(h.host.has('PlatformDevs-A'), 'the host stops the filters');
});

t.test('the audit log gets a line per action and no part of script or configuration', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const secret = 'hunter2secret';
  const script = `password = "${secret}"`;
  await h.load(config('A', `[A.config]\npassword = "${secret}"`), script);
  await h.load(config('B', `${secret} = 1`), script);
  await h.load(config('B'), `fail HKT_SANDBOX_SCRIPT near '${secret}'`);
  await h.unload('A');
  await h.send({ action: 'unload', name: 'A' }, { loopback: false });
  t.equal(h.audited.length, 5);
  t.match(h.audited[0], {
    timeMs: h.clock.now(),
    manager: 'PlatformDevs',
    signer: 'PlatformDevs',
    action: 'load',
    filter: 'PlatformDevs-A',
    source: 'TCP:5565 127.0.0.1:40112',
    code: 'OK',
    text: `script of ${script.length} bytes, SHA-256 ${createHash('sha256').update(script).digest('hex')}`,
  });
  t.same(
    h.audited.map((entry) => entry.code),
    ['OK', 'HKT_CONFIG_UNKNOWN_KEY', 'HKT_SANDBOX_SCRIPT', 'OK', 'HKT_CONTROL_NOT_RUNNING'],
  );
  t.notMatch(JSON.stringify(h.audited), secret);
});

t.test('control characters of a tenant never reach the log', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  await h.load(config('A', '"\\u001b[31m\\nforged line" = 1'));
  await h.load(config('A'), 'fail HKT_SANDBOX_SCRIPT \u001b[2Jx');
  t.equal(h.errors.length, 2);
  for (const line of [...h.errors, ...h.infos]) t.notMatch(line, /\p{Cc}/u);
});

t.test('a manager whose matcher takes everything does not talk to itself', async (t) => {
  const h = await ManagerHarness.started({
    baseDir: t.testdir(),
    settings: { message_matcher: 'TRUE' },
  });
  t.equal((await h.load('nonsense')).code, 'HKT_CONFIG_SYNTAX', 'the connection gets its reply');
  t.same(h.routed, []);
  t.ok(h.errors.includes('attempted to Inject a message to itself'));
});

t.test('a sender that went away does not disturb the next one', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const gone = {
    ...h.pack(h.request({ action: 'load', script: 's', config: config('A') })),
    origin: {
      description: 'gone',
      loopback: true,
      reply: () => {
        throw new Error('EPIPE');
      },
    },
  };
  void h.manager.deliver(gone);
  t.equal((await h.load(config('B'))).code, 'ok');
  t.ok(h.host.has('PlatformDevs-A'));
  t.match(h.errors, ['cannot reply to gone: EPIPE']);
});

t.test('a setting without effect is accepted and told', async (t) => {
  const h = await ManagerHarness.started({ baseDir: t.testdir() });
  const reply = await h.load(config('A', 'profile = true'));
  t.equal(reply.code, 'ok');
  t.match(reply.text, /^PlatformDevs-A loaded\nline 4:1: HKT_CONFIG_NO_EFFECT .*profile/);
});

t.test('a thousand filters are loaded and unloaded', async (t) => {
  const baseDir = t.testdir();
  const h = await ManagerHarness.started({ baseDir, settings: { max_filters: 1000 } });
  const loads = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => h.load(config(`CounterSandbox${i}`))),
  );
  t.ok(loads.every((reply) => reply.code === 'ok'));
  t.equal(h.manager.report().RunningFilters, 1000);
  t.equal(files(baseDir).length, 2000);
  t.equal((await h.load(config('OneMore'))).code, 'HKT_CONTROL_MAX_FILTERS');
  const unloads = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => h.unload(`CounterSandbox${i}`)),
  );
  t.ok(unloads.every((reply) => reply.code === 'ok'));
  t.same(files(baseDir), []);
  t.notOk(existsSync(join(baseDir, 'sandbox_preservation')), 'states are not the manager’s');
});
