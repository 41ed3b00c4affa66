import t from 'tap';
import { MappingRoom } from '../../native-limits/memory-mappings.ts';

t.test('isolates are refused before the mappings of the process run out', (t) => {
  let mapped = 500;
  let counts = 0;
  const room = new MappingRoom({
    limit: 65_530,
    count: () => {
      counts++;
      return mapped;
    },
  });
  let made = 0;
  for (; room.take(); made++) mapped += 15;
  t.ok(made > 3000 && made < 4000, `${made} isolates`);
  t.ok(mapped < 65_530 * 0.9, `${mapped} mappings`);
  t.ok(counts < made / 50 + 5, 'counted now and then');
  mapped -= 15 * 10;
  t.equal(room.take(), true, 'there is room again');
  t.end();
});

t.test('where there is no bound there is room', (t) => {
  const room = new MappingRoom({
    limit: undefined,
    count: () => {
      throw new Error('nothing to count');
    },
  });
  t.equal(room.take(), true);
  t.end();
});

t.test('this process is far from its bound', (t) => {
  t.equal(new MappingRoom().take(), true);
  t.end();
});
