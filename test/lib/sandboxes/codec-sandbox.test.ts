/** A decoder's sandbox whose thread dies. */
import t from 'tap';
import { HekateError } from '../../../lib/protocol/errors.ts';
import { ShardPool } from '../../../lib/router/shard-pool.ts';
import { CodecSandbox } from '../../../lib/sandboxes/codec-sandbox.ts';
import { FakeCell, settle } from '../../fake-cell.ts';
import { testContext } from '../../plugin-context.ts';
import { definitionOf, inputPack } from '../../sandbox-spec.ts';

t.test('a batch that is told to be lost late does not take the next life with it', async (t) => {
  const cell = new FakeCell();
  const { shard } = cell;
  const { clock, log } = testContext('lines');
  const sandbox = new CodecSandbox({
    definition: { ...definitionOf('lines'), kind: 'decoder', preserveData: false },
    pool: new ShardPool({ cell, clock, log, onRoom: () => undefined }),
    states: { read: async () => undefined, write: async () => undefined },
    identity: { hostname: 'here', pid: 42 },
    log,
  });
  await sandbox.start();
  shard.automatic = false;
  const first = sandbox.process(inputPack('x'));
  await settle();
  const [batch] = shard.tasks.splice(0);
  t.equal(batch?.kind, 'batch');
  shard.sandboxes.clear();
  shard.replaced?.(shard, 'told to die');
  t.match(await first, { status: 1, text: /^lost with its thread/ });

  const second = sandbox.process(inputPack('end'));
  await settle();
  t.same(
    shard.tasks.map(({ kind }) => kind),
    ['load'],
  );
  batch?.lose(new HekateError('HKT_SANDBOX_LOST', [0, 'told to die']));
  await settle();
  shard.resume();
  t.match(await second, { status: 1, text: 'FATAL: told to end' }, 'the new one has got it');
});
