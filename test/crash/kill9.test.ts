/**
 * A daemon that is killed with SIGKILL while it writes checkpoints and loads filters: afterwards every state file is whole,
 * every load that was answered with success is there, and the daemon starts again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { StateStore } from '../../lib/filters/state-store.ts';
import { OPS, Peer } from '../daemon-harness.ts';
import { seededRandom } from '../seeded-random.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/hekate.js', import.meta.url));
const KILLS = 4;
const LOADS_PER_LIFE = 5;

const SCRIPT = `
total, ballast = 0, {}
for i = 1, 300 do ballast[i] = "ballast " .. i end
function process_message()
  total = total + 1
  ballast[total % 300 + 1] = "changed " .. total
  return 0
end`;

function configText(folder: string): string {
  return `
[hekad]
base_dir = "${folder}/base"
share_dir = "${folder}"
maxprocs = 1
checkpoint_interval = "100ms"
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
    [tcp.signer.ops_0]
    hmac_key = "${OPS.key}"
[Ops]
type = "SandboxManagerFilter"
message_signer = "ops"
working_directory = "managed"
max_filters = 1000
`;
}

function submission(name: string): string {
  return `[${name}]\ntype = "SandboxFilter"\nmessage_matcher = "Logger == 'input'"\npreserve_data = true\n`;
}

interface Life {
  readonly child: ChildProcess;
  readonly peer: Peer;
  readonly errors: () => string;
  /** Resolves with the exit code, or null when a signal ended it. */
  readonly over: Promise<number | null>;
}

async function live(config: string): Promise<Life> {
  const args = ['--no-node-snapshot', LAUNCHER, 'run', '-config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const over = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const [, found] = /tcp listens on (\S+)/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    void over.then(() => reject(new Error(`it did not start: ${output}${errors}`)));
  });
  const peer = await Peer.connect({ addresses: () => new Map([['tcp', address]]) }, 'tcp');
  return { child, peer, errors: () => errors, over };
}

/** Reads every state file as the daemon would; rejects for one that is damaged. */
async function checkStates(folder: string, copy: string): Promise<number> {
  cpSync(path.join(folder, 'base'), copy, { recursive: true });
  const store = await StateStore.open(copy);
  const files = readdirSync(path.join(copy, 'sandbox_preservation'));
  for (const file of files) {
    if (!file.endsWith('.data')) throw new Error(`left over: ${file}`);
    const state = await store.read(file.slice(0, -'.data'.length));
    if (state === undefined || state.length < 100) throw new Error(`${file} is not whole`);
  }
  return files.length;
}

t.test('a daemon that is killed at any moment comes back whole', async (t) => {
  const random = seededRandom();
  t.comment(`HEKATE_TEST_SEED=${random.seed}`);
  const folder = t.testdir({});
  const config = path.join(folder, 'hekad.toml');
  writeFileSync(config, configText(folder));
  const acknowledged = new Set<string>();
  let loads = 0;
  let states = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const life = await live(config);
    t.teardown(() => life.child.kill('SIGKILL'));
    for (const name of acknowledged) {
      const { code } = await life.peer.control({
        action: 'load',
        script: SCRIPT,
        config: submission(name),
      });
      if (code !== 'HKT_CONTROL_RUNNING') t.fail(`${name} did not come back: ${code}`);
    }
    t.notMatch(life.errors(), /HKT_STATE|HKT_CONTROL_STORE|damaged/);
    for (let n = 0; n < 20; n++) await life.peer.send({ payload: 'm' });
    const dieAfter = random.below(LOADS_PER_LIFE);
    let answered = 0;
    const killed = Promise.withResolvers<void>();
    for (let i = 0; i < LOADS_PER_LIFE; i++) {
      const name = `f${loads++}`;
      void life.peer
        .control({ action: 'load', script: SCRIPT, config: submission(name) })
        .then(({ code }) => {
          if (code === 'ok') acknowledged.add(name);
          if (++answered > dieAfter) killed.resolve();
        })
        .catch(() => undefined); // the daemon is gone
    }
    await killed.promise;
    // Some turns later, while checkpoints are written: each of them sends messages first, so that there is something to write.
    for (let i = random.below(40); i > 0; i--) {
      for (let n = 0; n < 20; n++) await life.peer.send({ payload: 'm' });
      await life.peer.control({ action: 'unload', name: 'nobody' });
    }
    life.child.kill('SIGKILL');
    t.equal(await life.over, null);
    states = await checkStates(folder, path.join(folder, `copy${kill}`));
  }
  t.ok(states > 0, `${states} state files were written and whole`);
  t.ok(acknowledged.size >= KILLS, `${acknowledged.size} loads were acknowledged`);
  const last = await live(config);
  const names = [...acknowledged];
  const codes = new Set<string>();
  for (const name of names) codes.add((await last.peer.control({ action: 'unload', name })).code);
  t.same([...codes], ['ok'], 'all of them run');
  last.child.kill('SIGTERM');
  t.equal(await last.over, 0, last.errors());
});
