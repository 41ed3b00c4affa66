import t from 'tap';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { compareOrder, LogPattern } from '../../../lib/inputs/logstream-pattern.ts';

interface Options {
  readonly priority?: readonly string[];
  readonly differentiator?: readonly string[];
  readonly translation?: Record<string, ConfigValue>;
}

function pattern(fileMatch: string, options: Options = {}): LogPattern {
  return new LogPattern({
    root: '/var/log',
    fileMatch,
    priority: options.priority ?? [],
    differentiator: options.differentiator ?? ['stream'],
    translation: options.translation ?? {},
  });
}

/** The paths below /var/log that match, oldest first. */
function sorted(p: LogPattern, ...names: readonly string[]): string[] {
  return names
    .flatMap((name) => {
      const path = `/var/log/${name}`;
      const match = p.match(path);
      return match === undefined ? [] : [{ path, order: match.order }];
    })
    .sort(compareOrder)
    .map(({ path }) => path.slice(9));
}

t.test('the expression matches from log_directory to the end of the path', async (t) => {
  const p = pattern('system\\.log');
  t.ok(p.match('/var/log/system.log'));
  for (const path of [
    '/var/log/system.log.1',
    '/var/log/a/system.log',
    '/other/var/log/system.log',
  ]) {
    t.equal(p.match(path), undefined, path);
  }
  t.ok(pattern('a|b$').match('/var/log/b'));
  t.equal(pattern('a|b$').match('/var/log/a/x'), undefined);
  t.ok(pattern('/system\\.log$').match('/var/log/system.log'));
});

t.test('the differentiator names the stream from texts and groups', async (t) => {
  const p = pattern('(?P<DomainName>[^/]+)-access\\.log', {
    differentiator: ['nginx.', 'DomainName', '.access'],
  });
  t.equal(p.match('/var/log/hekathings.com-access.log')?.stream, 'nginx.hekathings.com.access');
});

t.test('numbers sort as numbers, and "^" turns them around', async (t) => {
  const rotated = pattern('access\\.log\\.?(?P<Seq>\\d*)', { priority: ['^Seq'] });
  t.same(sorted(rotated, 'access.log', 'access.log.1', 'access.log.10', 'access.log.2'), [
    'access.log.10',
    'access.log.2',
    'access.log.1',
    'access.log',
  ]);
  const dated = pattern('(?P<Year>\\d+)/(?P<Month>\\d+)/(?P<Day>\\d+)\\.log', {
    priority: ['Year', 'Month', 'Day'],
  });
  t.same(sorted(dated, '2014/11/2.log', '2014/9/30.log', '2013/12/1.log', '2014/11/11.log'), [
    '2013/12/1.log',
    '2014/9/30.log',
    '2014/11/2.log',
    '2014/11/11.log',
  ]);
});

t.test('names of months and days sort by the calendar', async (t) => {
  const months = pattern('(?P<MonthName>\\w+)\\.log', { priority: ['MonthName'] });
  t.same(sorted(months, 'December.log', 'oct.log', 'Sep.log'), [
    'Sep.log',
    'oct.log',
    'December.log',
  ]);
  t.throws(() => months.match('/var/log/Nevruary.log'), { code: 'HKT_LOGSTREAM_PART' });
  const days = pattern('(?P<DayName>\\w+)\\.log', { priority: ['DayName'] });
  t.same(sorted(days, 'sunday.log', 'Mon.log'), ['Mon.log', 'sunday.log']);
});

t.test(
  'a translation sorts words without regard to case, and "missing" places absent groups',
  async (t) => {
    const words = pattern('(?P<Day>[^/.]+)\\.log', {
      priority: ['Day'],
      translation: { Day: { lunes: 1, Miercoles: 3, jueves: 4 } },
    });
    t.same(sorted(words, 'JUEVES.log', 'lunes.log', 'miercoles.log'), [
      'lunes.log',
      'miercoles.log',
      'JUEVES.log',
    ]);
    t.throws(() => words.match('/var/log/sabado.log'), {
      code: 'HKT_LOGSTREAM_PART',
      message: /'sabado' of 'Day'/,
    });
    const match = 'access(-(?P<Year>\\d{4})(?P<Month>\\d{2}))?\\.log';
    const priority = ['Year', 'Month'];
    const names = ['access.log', 'access-201408.log', 'access-201407.log'];
    t.same(sorted(pattern(match, { priority }), ...names)[0], 'access.log');
    const missing = { Year: { missing: 9999 } };
    t.same(sorted(pattern(match, { priority, translation: missing }), ...names), [
      'access-201407.log',
      'access-201408.log',
      'access.log',
    ]);
  },
);
