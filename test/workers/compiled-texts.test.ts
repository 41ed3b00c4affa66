import t from 'tap';
import { CompiledTexts } from '../../workers/compiled-texts.ts';

t.test('what was not asked for the longest makes room', (t) => {
  const texts = new CompiledTexts(3000);
  for (const key of ['a', 'b']) texts.put(key, key.repeat(1000));
  t.equal(texts.get('a')?.toString(), 'a'.repeat(1000));
  texts.put('c', 'c'.repeat(1000));
  t.equal(texts.get('b'), undefined);
  t.equal(texts.get('a')?.length, 1000);
  t.equal(texts.get('c')?.length, 1000);
  t.ok(texts.byteLength <= 3000);
  t.end();
});

t.test('a text that is too long for all of them is handed out and not kept', (t) => {
  const texts = new CompiledTexts(3000);
  texts.put('a', 'a');
  t.equal(texts.put('long', 'x'.repeat(5000)).length, 5000);
  t.equal(texts.get('long'), undefined);
  t.equal(texts.get('a')?.length, 1);
  t.end();
});

t.test('a text that is put twice is counted once', (t) => {
  const texts = new CompiledTexts(3000);
  for (let i = 0; i < 10; i++) texts.put('a', 'a'.repeat(1000));
  t.ok(texts.byteLength < 1500);
  t.end();
});
