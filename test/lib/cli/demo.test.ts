/** The tutorial's whole story with the real programs: the daemon, heka-sbmgr, a restart. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../../..');

t.test('the demo plays the tutorial and checks every step', { timeout: 300_000 }, async (t) => {
  const { stdout } = await run(process.execPath, [path.join(root, 'bin/hekate.js'), 'demo'], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const rows = stdout.trimEnd().split('\n');
  t.match(rows.at(-1), /^9 steps, all as told$/);
  t.match(stdout, /read the access log .*2xx 8127, 3xx 1558, 4xx 265, 5xx 50, unreadable 0/);
  t.match(stdout, /end an endless loop .*instruction_limit exceeded/);
  t.match(stdout, /stop with SIGTERM and start again +ok/);
});
