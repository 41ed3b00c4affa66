/**
 * Random writing, rotating and restarting, with printed seeds: every line comes out once and in order.
 */
import { appendFileSync, copyFileSync, existsSync, mkdirSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { LogstreamerInput, logstreamerInput } from '../../../lib/inputs/logstreamer-input.ts';
import { systemClock } from '../../../lib/system-clock.ts';
import { ManualClock } from '../../manual-clock.ts';
import { TestIntake, testContext, until } from '../../plugin-context.ts';

const STEPS = 60;
const ROUNDS = 4;

/** A small generator (mulberry32), so that a seed repeats a run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

function rotate(path: string, copy: boolean): void {
  let last = 0;
  while (existsSync(`${path}.${last + 1}`)) last++;
  for (let i = last; i > 0; i--) renameSync(`${path}.${i}`, `${path}.${i + 1}`);
  if (copy) {
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  } else {
    renameSync(path, `${path}.1`);
    appendFileSync(path, '');
  }
}

for (const copy of [false, true]) {
  const how = copy ? 'copytruncate' : 'rename';
  t.test(`every line is read once and in order through restarts and rotation by ${how}`, async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const seed = (Date.now() % 1_000_000) * 10 + round;
      const random = randomOf(seed);
      const dir = join(t.testdir(), String(round));
      const logs = join(dir, 'logs');
      mkdirSync(logs, { recursive: true });
      const path = join(logs, 'a.log');
      appendFileSync(path, '');
      const clock = new ManualClock(systemClock.now());
      const context = { ...testContext('web', dir), clock };
      const section = sectionOf(logstreamerInput.spec, {
        log_directory: logs,
        file_match: 'a\\.log\\.?(?P<Seq>\\d*)',
        priority: ['^Seq'],
      });
      const intakes: TestIntake[] = [];
      const text = (): string => intakes.map((intake) => intake.text).join('');
      const start = async (): Promise<LogstreamerInput> => {
        const input = new LogstreamerInput(section, context);
        await input.start((source) => {
          const intake = new TestIntake(source);
          intakes.push(intake);
          return intake;
        });
        return input;
      };
      let expected = '';
      let line = 0;
      let input = await start();
      for (let step = 0; step < STEPS; step++) {
        switch (random(5)) {
          case 0:
            // A copy of an empty file cannot be told from any other: nobody rotates those.
            if (expected.length > 0 && existsSync(path)) rotate(path, copy);
            break;
          case 1:
            await input.stop();
            input = await start();
            break;
          case 2:
            for (let i = random(200); i > 0; i--) {
              clock.advance(random(100));
              await new Promise((resolve) => setImmediate(resolve));
            }
            break;
          default:
            for (let i = random(2000); i >= 0; i--) expected += `${line++} ${'x'.repeat(20)}\n`;
            appendFileSync(path, expected.slice(appended));
            appended = expected.length;
        }
      }
      await until(() => text().length >= expected.length, clock, 50).catch(() => undefined);
      await input.stop();
      appended = 0;
      if (!t.ok(text() === expected, `seed ${seed}: ${text().length} of ${expected.length} bytes`)) {
        t.comment(context.errors);
        t.comment(context.infos);
      }
    }
  });
}

/** How much of the expected text was written to the file. */
let appended = 0;
