import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { LogstreamerInput, logstreamerInput } from '../../../lib/inputs/logstreamer-input.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { openIntake } from '../../../lib/router/intake.ts';
import type { Router } from '../../../lib/router/router.ts';
import { tokenSplitter } from '../../../lib/splitters/token-splitter.ts';
import { systemClock } from '../../../lib/system-clock.ts';
import { ManualClock } from '../../manual-clock.ts';
import { testContext, until } from '../../plugin-context.ts';

t.test('through the real intake each line becomes one message, also across restarts', async (t) => {
  const dir = t.testdir();
  const logs = join(dir, 'logs');
  mkdirSync(logs);
  const path = join(logs, 'a.log');
  const clock = new ManualClock(systemClock.now());
  const context = { ...testContext('web', dir), clock };
  const section = sectionOf(logstreamerInput.spec, { log_directory: logs, file_match: 'a\\.log' });
  const splitter = tokenSplitter.create(sectionOf(tokenSplitter.spec), context);
  const packs: Pack[] = [];
  const router = {
    room: () => undefined,
    route: (pack: Pack) => void packs.push(pack),
  } as unknown as Router; // the two calls that an intake makes
  const start = async (): Promise<LogstreamerInput> => {
    const input = new LogstreamerInput(section, context);
    await input.start((source) =>
      openIntake({
        router,
        splitter: splitter.open(),
        decoder: undefined,
        source,
        stream: 1,
        input: 'web',
        clock,
        log: context.log,
        maxMessageSize: 65536,
        sendDecodeFailures: false,
        logDecodeFailures: true,
        counters: { records: 0, decodeFailures: 0 },
      }),
    );
    return input;
  };
  for (const [round, text] of ['one\ntw', 'o\nthree\nfo', 'ur\n'].entries()) {
    appendFileSync(path, text);
    const input = await start();
    await until(() => packs.length === [1, 3, 4][round], clock, 50);
    await input.stop();
  }
  t.same(
    packs.map(({ message, position }) => [message.payload, position]),
    [
      ['one\n', 4],
      ['two\n', 8],
      ['three\n', 14],
      ['four\n', 19],
    ],
  );
  t.equal(packs[0]?.message.type, 'logfile');
  t.equal(packs[0]?.message.logger, 'web');
});
