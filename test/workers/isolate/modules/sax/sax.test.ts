import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/sax/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';
import { outputOf, preserved, restore, restoreError, tryDamaged } from '../object-forms.ts';

onBothEngines((name, create) => {
  const made = (script = '', options = {}): ModuleGuest => {
    const guest = new ModuleGuest(create, { sax: createModule }, options);
    guest.run('require "sax" require "string"');
    guest.run(script);
    return guest;
  };
  const plain = made();
  const value = (expression: string) => plain.value(`return ${expression}`);
  const error = (expression: string) => plain.error(`return ${expression}`);

  t.test(`${name}: words of arrays, texts and windows`, async (t) => {
    t.equal(value('sax.version()'), '0.5.0');
    t.equal(value('tostring(sax.word.new({1, 2, 3, 4, 5, 6, 7, 8}, 4, 6))'), 'ABEF');
    t.equal(value('tostring(sax.word.new({10.3, 7, 1, -5, -5, 7.2}, 2, 8))'), 'FC');
    t.equal(value('tostring(sax.word.new("A#BD", 4))'), 'A#BD');
    const guest = made('w = sax.window.new(4, 2, 4) w:add({1, 2, 3, 4})');
    t.equal(guest.value('return tostring(w)'), 'AD');
    t.equal(guest.value('return tostring(w:get_word())'), 'AD');
  });

  t.test(`${name}: a window keeps the last values`, async (t) => {
    const guest = made('w = sax.window.new(4, 2, 4)');
    const text = (script: string) => guest.value(`${script} return tostring(w)`);
    t.equal(text(''), '##');
    t.equal(text('w:add(23)'), '#C');
    t.equal(text('for _, v in ipairs {1, 2, 3, 10.1} do w:add(v) end'), 'AD');
    t.equal(text('word = w:get_word() w:clear()'), '##');
    t.equal(guest.value('return tostring(word)'), 'AD', 'a word is a copy');
    t.equal(text('w:add({-10, 1, 2, 3, "10.1"})'), 'AD', 'of more than it has room for, the last');
    t.equal(text('w:add({})'), 'AD');
    t.same(guest.run('return w:add("5")'), []);
    t.same(guest.run('return w:clear()'), []);
  });

  t.test(`${name}: windows and words are equal when their letters are`, async (t) => {
    const guest = made(
      'w = sax.window.new(4, 2, 4) w:add({1, 2, 3, 10.1}) word = sax.word.new("AD", 4)',
    );
    for (const expression of ['w == word', 'word == w', 'w:get_word() == word', 'w == w']) {
      t.equal(guest.value(`return ${expression}`), true, expression);
    }
    for (const expression of [
      'word == sax.word.new("AD", 5)',
      'word == sax.word.new("ADA", 4)',
      'word == sax.word.new("AC", 4)',
      'word == "AD"',
      'w == sax.window.new(4, 2, 4)',
    ]) {
      t.equal(guest.value(`return ${expression}`), false, expression);
    }
    t.equal(guest.value('return word ~= sax.word.new("DA", 4)'), true);
  });

  t.test(`${name}: infinite values and frames without numbers`, async (t) => {
    const word = (values: string) => value(`tostring(sax.word.new({${values}}, 3, 5))`);
    t.equal(word('1/0, 1/0, 1/0, 1/0, 1/0, 1/0, -1/0, -1/0, -1/0'), 'EEA');
    t.equal(word('1/0, 1/0, 5, 0, 0, 0, -1/0, -1/0, -5'), 'ECA');
    t.equal(word('0/0, 5, 5, 0, 0, 0, 0/0, -5, -5'), 'ECA');
    t.equal(word('1/0, 1/0, 5, 0/0, 0/0, 0/0, -1/0, -1/0, -5'), 'E#A');
    t.equal(word('1/0, -1/0, 5, 0/0, 0/0, 0/0, 0/0, 1, 1'), '##B');
    t.equal(word('0/0, 1/0, 0/0'), '#E#');
    t.equal(word('8, 8.01, 7.99, 8, 8, 8, 8.001, 8, 8'), 'CCC', 'hardly any deviation is none');
  });

  t.test(`${name}: distances, of the parts above and below`, async (t) => {
    const close = (expression: string, ...expected: number[]) => {
      const distances = plain.run(`return sax.mindist(${expression})`);
      t.equal(distances.length, expected.length);
      expected.forEach((each, i) => {
        t.ok(Math.abs(Number(distances[i]) - each) < 1e-9, `${Number(distances[i])} is ${each}`);
      });
    };
    const word = (letters: string, cardinality: number) =>
      `sax.word.new("${letters}", ${cardinality})`;
    const array = 'sax.word.new({1, 2, 3, 4, 5, 6, 7, 8}, 4, 6)';
    close(`${array}, ${word('AABB', 6)}`, 2.321949615214, 2.321949615214, 0);
    close(
      `${word('ABDD', 4)}, ${word('DBAA', 4)}`,
      2.3365364997669187,
      1.9077740632725255,
      1.3489999771118164,
    );
    close(`${word('AB', 4)}, ${word('BC', 4)}`, 0, 0, 0);
    // A frame without numbers is as far away as it can be.
    t.same(
      plain.run(`return sax.mindist(${word('ABCD', 4)}, ${word('####', 4)})`),
      plain.run(`return sax.mindist(${word('ABCD', 4)}, ${word('DDAA', 4)})`),
    );
    t.same(
      plain.run(`return sax.mindist(${word('#####', 5)}, ${word('CCCCC', 5)})`)[0],
      plain.run(`return sax.mindist(${word('AAAAA', 5)}, ${word('CCCCC', 5)})`)[0],
    );
    t.same(plain.run(`return sax.mindist(${word('AB', 4)}, ${word('AB', 5)})`), [undefined]);
    t.same(plain.run(`return sax.mindist(${word('AB', 4)}, ${word('ABC', 4)})`), [undefined]);
    t.same(
      plain.run('return sax.mindist(sax.window.new(4, 2, 4), sax.window.new(6, 2, 4))'),
      [undefined],
      'of other numbers of values',
    );
  });

  t.test(`${name}: the running sums of a window round as the reference's do`, async (t) => {
    // Words of a window over a series with gaps, folded into one number with the reference library.
    const folded = value(`(function()
      local w, sum, x = sax.window.new(60, 10, 16), 0, 1
      for i = 1, 3000 do
        x = (x * 16807) % 2147483647
        local v = x % 20011 / 7
        if x % 17 == 0 then v = 0/0 elseif x % 23 == 0 then v = 1/0 end
        w:add(v)
        for c in string.gmatch(tostring(w), ".") do
          sum = (sum * 31 + string.byte(c)) % 2147483647
        end
      end
      return sum
    end)()`);
    t.equal(folded, 372401807);
  });

  t.test(`${name}: arguments`, async (t) => {
    t.match(error('sax.window.new()'), 'incorrect number of args');
    t.match(
      error('sax.window.new(nil, 2, 2)'),
      "bad argument #1 to 'new' (number expected, got nil)",
    );
    t.match(error('sax.window.new(1, 3, 3)'), "bad argument #1 to 'new' (n is out of range)");
    t.match(error('sax.window.new(5000, 5, 5)'), 'n is out of range');
    t.match(error('sax.window.new(1e300, 5, 5)'), 'n is out of range');
    t.match(error('sax.window.new(0/0, 5, 5)'), 'n is out of range');
    t.match(error('sax.window.new(9, 1, 3)'), "bad argument #1 to 'new' (w is out of range)");
    t.match(error('sax.window.new(4096, 4096, 3)'), 'w is out of range');
    t.match(error('sax.window.new(10, 3, 3)'), 'n must be evenly divisible by w');
    t.match(error('sax.window.new(9, 3, 1)'), 'cardinality is out of range');
    t.match(error('sax.window.new(9, 3, 17)'), 'cardinality is out of range');
    t.match(error('sax.word.new()'), 'incorrect number of arguments');
    t.match(
      error('sax.word.new("A", 2)'),
      "bad argument #1 to 'new' (length of SAX string should be > 1)",
    );
    for (const call of [
      '"AAABF", 5',
      '"aaabc", 5',
      '"AABBC", 1',
      '"AABBC", 17',
      '"\\0AB", 4',
      '"AB", 258',
    ]) {
      t.match(
        error(`sax.word.new(${call})`),
        'illegal symbols for given cardinality or bad cardinality itself',
      );
    }
    t.equal(value('tostring(sax.word.new("AB\\0C", 4))'), 'AB', 'a text ends at a zero byte');
    t.match(error('sax.word.new({}, 2, 5)'), "bad argument #2 to 'new' (n is out of range)");
    t.match(error('sax.word.new(1, 2, 5)'), "bad argument #1 to 'new' (array-like table expected)");
    t.match(
      error('sax.word.new({1, {}}, 2, 5)'),
      "bad argument #1 to 'new' (expected array of numbers as input)",
    );
    t.match(error('sax.mindist(1)'), 'incorrect number of args');
    t.match(
      error('sax.mindist(1, 1)'),
      "bad argument #1 to 'mindist' (sax.window or sax.word expected, got number)",
    );
    const guest = made('w = sax.window.new(9, 3, 5)');
    t.match(guest.error('w:add()'), 'incorrect number of args');
    t.match(guest.error('w:add("a")'), 'number or array-like table expected');
    t.match(guest.error('w:add({1, "a"})'), 'expected array of numbers as input');
    t.match(guest.error('w.add(nil, 1)'), 'mozsvc.sax.window expected, got nil');
    t.match(guest.error('w.add(w:get_word(), 1)'), 'mozsvc.sax.window expected, got userdata');
    t.match(guest.error('w:get_word(1)'), 'incorrect number of args');
    t.match(guest.error('w:clear(1)'), 'incorrect number of arguments');
    t.equal(guest.value('return tostring(w)'), '###', 'nothing was added');
  });

  t.test(`${name}: the letters are the output`, async (t) => {
    const guest = made(
      'w = sax.window.new(4, 2, 4) w:add({1, 2, 3, 4}) word = sax.word.new("ABC", 4)',
    );
    t.equal(outputOf(guest, 'w', 2), 'AD');
    t.equal(outputOf(guest, 'word', 3), 'ABC');
    t.equal(outputOf(guest, 'word', 2), 'output_limit exceeded');
  });

  t.test(`${name}: preserved windows and words come back`, async (t) => {
    const guest = made(
      'w = sax.window.new(60, 10, 16) word = sax.word.new({1, 2, 3, 4, 5, 6}, 3, 7)',
    );
    guest.run('for i = 1, 100 do w:add(i % 7 / 3) end w:add(0/0)');
    const data = preserved(guest, 'w');
    restore(guest, 'sax', data, 'copy');
    t.equal(preserved(guest, 'copy'), data);
    t.equal(guest.value('return copy == w'), true);
    guest.run('for i = 1, 100 do w:add(i % 11) copy:add(i % 11) assert(copy == w) end');
    guest.run('own = sax.window.new(60, 10, 16) own:add(1) assert(tostring(own))');
    t.equal(restore(guest, 'sax', data, 'own', guest.object('own')), guest.object('own'));
    t.equal(preserved(guest, 'own'), data);
    guest.run('small = sax.window.new(6, 3, 5)');
    restore(guest, 'sax', data, 'small', guest.object('small'));
    guest.run(
      'same = sax.window.new(6, 3, 5) for i = 96, 100 do same:add(i % 7 / 3) end same:add(0/0)',
    );
    t.equal(guest.value('return small == same'), true, 'another shape takes the newest values');
    const word = preserved(guest, 'word');
    restore(guest, 'sax', word, 'back');
    t.equal(preserved(guest, 'back'), word);
    t.same(
      guest.run('return sax.mindist(back, sax.word.new("AAA", 7))'),
      guest.run('return sax.mindist(word, sax.word.new("AAA", 7))'),
      'the number of values is known still',
    );
    guest.run('mine = sax.word.new("AB", 4)');
    t.equal(restore(guest, 'sax', word, 'mine', guest.object('mine')), guest.object('mine'));
    t.equal(preserved(guest, 'mine'), word);
    const use = 'tostring(restored) assert(restored == restored) sax.mindist(restored, word)';
    tryDamaged(t, guest, 'sax', data, use);
    tryDamaged(t, guest, 'sax', word, use);
  });

  t.test(`${name}: memory and work are counted`, async (t) => {
    const small = made('', { memoryBytes: 40_000 });
    small.run('w = sax.window.new(4096, 2, 4)');
    t.match(small.error('sax.window.new(4096, 2, 4)'), 'not enough memory');
    const data = preserved(small, 'w');
    t.equal(restoreError(small, 'sax', data), 'not enough memory');
    t.match(small.error('sax.word.new(string.rep("A", 20000), 4)'), 'not enough memory');
    const guest = made('w = sax.window.new(4096, 2, 4)', { instructions: 500_000 });
    const script = 'for i = 1, 10000 do w:add(i) local s = tostring(w) end';
    t.equal(guest.outcome(script).kind, 'instructions');
    const other = made(
      'list = {} for i = 1, 50000 do list[i] = i end w = sax.window.new(2, 2, 4)',
      {
        instructions: 1_000_000,
      },
    );
    t.equal(other.outcome('for i = 1, 1000 do w:add(list) end').kind, 'instructions');
  });
});
