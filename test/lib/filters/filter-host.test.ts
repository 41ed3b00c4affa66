/** The FilterHost contract, on the real host of filters and on the fake one that the manager's tests use. */
import t from 'tap';
import type { FilterEnd, FilterHost } from '../../../lib/filters/filter-host.ts';
import { FakeFilterHost } from '../../fake-filter-host.ts';
import { FiltersHarness } from '../../filters-harness.ts';
import { definitionOf } from '../../sandbox-spec.ts';

interface Subject {
  readonly host: FilterHost;
  /** A script that does not start. */
  readonly bad: string;
}

const subjects: Readonly<Record<string, () => Subject>> = {
  SandboxFilters: () => ({ host: new FiltersHarness().filters, bad: 'fail' }),
  FakeFilterHost: () => ({ host: new FakeFilterHost(), bad: 'fail HKT_SANDBOX_SCRIPT no' }),
};

for (const [name, make] of Object.entries(subjects)) {
  const ends: string[] = [];
  const onEnd =
    (life: string) =>
    ({ kind }: FilterEnd): void => {
      ends.push(`${life} ${kind}`);
    };
  t.beforeEach(() => {
    ends.length = 0;
  });

  t.test(
    `${name}: a filter runs from its start to its stop, and its end is told once`,
    async (t) => {
      const { host } = make();
      t.equal(host.has('one'), false);
      await host.start(definitionOf('one'), onEnd('one'));
      t.equal(host.has('one'), true);
      await host.stop('one');
      t.equal(host.has('one'), false);
      t.same(ends, ['one stopped']);
    },
  );

  t.test(`${name}: what fails to start leaves nothing, and no end is told`, async (t) => {
    const { host, bad } = make();
    await t.rejects(host.start(definitionOf('one', bad), onEnd('one')), {
      code: 'HKT_SANDBOX_SCRIPT',
    });
    t.equal(host.has('one'), false);
    t.same(ends, []);
    await host.start(definitionOf('one'));
    t.equal(host.has('one'), true);
  });

  t.test(
    `${name}: a name that runs cannot be started, one that does not cannot be stopped`,
    async (t) => {
      const { host } = make();
      await host.start(definitionOf('one'), onEnd('one'));
      await t.rejects(host.start(definitionOf('one')), { code: 'HKT_SANDBOX_RUNNING' });
      await t.rejects(host.stop('other'), { code: 'HKT_SANDBOX_NOT_RUNNING' });
      await t.rejects(host.replace(definitionOf('other')), { code: 'HKT_SANDBOX_NOT_RUNNING' });
      t.equal(host.has('one'), true);
      t.same(ends, []);
    },
  );

  t.test(`${name}: a replacement ends the old life and begins a new one`, async (t) => {
    const { host, bad } = make();
    await host.start(definitionOf('one'), onEnd('old'));
    await t.rejects(host.replace(definitionOf('one', bad), onEnd('bad')), {
      code: 'HKT_SANDBOX_SCRIPT',
    });
    t.same(ends, []);
    await host.replace(definitionOf('one'), onEnd('new'));
    t.same(ends, ['old stopped']);
    t.equal(host.has('one'), true);
    await host.stop('one');
    t.same(ends, ['old stopped', 'new stopped']);
  });
}
