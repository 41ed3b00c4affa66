/**
 * Random documents, read and written by the module and by the `lua-cjson` of the machine's lua5.1, which is of the same stock:
 * where both know a feature they must agree. And those that JSON has, against JavaScript's own reader.
 */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { createModule } from '../../../../../workers/isolate/modules/cjson/module.ts';
import { ModuleGuest, onBothEngines } from '../module-guest.ts';

const SEED = 7;
const DOCUMENTS = 600;

const probe = spawnSync('lua5.1', ['-e', 'require "cjson"']);
const skip =
  probe.status === 0 || process.env['HEKATE_REQUIRE_SERVICES'] === '1'
    ? false
    : 'lua5.1 with lua-cjson is not installed';

/** Runs a text through both directions: what it reads as, in a canonical form, and what a list of it is written as. */
const PROGRAM = `
local function form(v)
  if type(v) == 'table' then
    local keys, parts = {}, {}
    for k in pairs(v) do keys[#keys + 1] = k end
    table.sort(keys, function(a, b)
      if type(a) ~= type(b) then return type(a) < type(b) end
      return a < b
    end)
    for i, k in ipairs(keys) do parts[i] = type(k) .. ' ' .. tostring(k) .. '=' .. form(v[k]) end
    return '{' .. table.concat(parts, ',') .. '}'
  end
  if type(v) == 'number' then return v ~= v and 'nan' or string.format('%.17g', v) end
  return type(v) == 'string' and string.format('%q', v) or tostring(v)
end
function through(text)
  local ok, v = pcall(cjson.decode, text)
  if not ok then return v end
  local single = v
  while type(single) == 'table' and next(single) == 1 and next(single, 1) == nil do single = single[1] end
  local isScalar = type(single) ~= 'table'
  return form(v) .. (isScalar and ' ' .. tostring(select(2, pcall(cjson.encode, v))) or '')
end
`;

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
}

const ODD_NUMBERS = [
  '01',
  '0x1f',
  '0x1.8p3',
  '+1',
  '1.',
  '-.5',
  '1e',
  '-',
  'nan',
  '-Infinity',
  '1e400',
  '.5',
];
const ODD_CHARACTERS = [
  '\\n',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\ud83d',
  '\\x',
  '\x01',
  '\xe9',
  '\\/',
  '\\"',
];

function documentOf(random: (below: number) => number, strict: boolean): string {
  const pick = (list: readonly string[]): string => list[random(list.length)] ?? '';
  const string = (): string => {
    let text = '';
    for (let i = random(8); i > 0; i--) {
      const isOdd = !strict && random(4) === 0;
      text += isOdd ? pick(ODD_CHARACTERS) : String.fromCharCode(97 + random(26));
    }
    return `"${text}"`;
  };
  const number = (): string => {
    if (!strict && random(4) === 0) return pick(ODD_NUMBERS);
    const digits = [
      String(random(1000)),
      `${random(1000)}.${random(1e6)}`,
      `-${random(1e9)}e${random(30)}`,
    ];
    return pick(digits);
  };
  const value = (depth: number): string => {
    const kind = random(depth > 0 ? 8 : 4);
    if (kind < 2) return number();
    if (kind === 2) return string();
    if (kind === 3) return pick(strict ? ['true', 'false'] : ['true', 'false', 'null', 'tru']);
    const items = Array.from({ length: random(4) }, () =>
      kind < 6 ? value(depth - 1) : `${string()}: ${value(depth - 1)}`,
    ).join(strict || random(30) > 0 ? ',' : ' ');
    return kind < 6 ? `[${items}]` : `{${items}}`;
  };
  return value(4);
}

onBothEngines((name, create) => {
  const opened = () => {
    const guest = new ModuleGuest(create, { cjson: createModule }, { outputBytes: 0 });
    guest.run(`require "cjson" require "string" require "table" ${PROGRAM}`);
    return guest;
  };

  t.test(`${name}: as lua-cjson, on documents of seed ${SEED}`, { skip }, async (t) => {
    const random = generator(SEED);
    // The stock module keeps nulls; the fork does so when it is asked.
    const documents = Array.from({ length: DOCUMENTS }, () => documentOf(random, false));
    const program = `cjson = require "cjson" ${PROGRAM}
      for line in io.lines() do print((through(line):gsub('\\n', '\\\\n'))) end`;
    const reference = spawnSync('lua5.1', ['-e', program], {
      input: Buffer.from(`${documents.join('\n')}\n`, 'latin1'),
    });
    t.equal(reference.stderr.toString(), '');
    // Debian's version says it in other words.
    const text = reference.stdout
      .toString('latin1')
      .replaceAll('NaN or Inf\n', 'NaN or Infinity\n');
    const expected = text.split('\n');
    const guest = opened();
    guest.run('cjson.decode_null(true)');
    for (const [i, document] of documents.entries()) {
      const actual = String(guest.value('return through(...)', document)).replaceAll('\n', '\\n');
      if (actual !== expected[i]) {
        t.equal(actual, expected[i], document);
        return;
      }
    }
    t.pass(`${documents.length} documents`);
  });

  t.test(`${name}: what JSON.parse reads is read alike, and written back`, async (t) => {
    const random = generator(SEED + 1);
    const guest = opened();
    for (let i = 0; i < DOCUMENTS; i++) {
      const document = documentOf(random, true);
      const written = guest.value('return cjson.encode(cjson.decode(...))', document);
      const rounded = JSON.parse(document, (_, value) =>
        typeof value === 'number' ? Number(value.toPrecision(14)) : value,
      );
      const back = JSON.parse(String(written));
      if (JSON.stringify(sorted(back)) !== JSON.stringify(sorted(rounded))) {
        t.equal(written, document);
        return;
      }
    }
    t.pass(`${DOCUMENTS} documents`);
  });
});

/** With the members of objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, each]) => [key, sorted(each)]);
}
