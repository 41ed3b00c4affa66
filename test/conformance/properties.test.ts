/**
 * Random calls of library functions give on every engine what they give under the machine's own Lua 5.1: numbers and
 * their texts, formats, patterns. `HEKATE_TEST_SEED` repeats a run, `HEKATE_FUZZ` sets how many calls of each kind are made.
 */
import t from 'tap';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import {
  numberLiteral,
  randomDouble,
  randomFormatCall,
  randomNumberText,
  randomPatternCall,
  textLiteral,
} from './call-generator.ts';
import { engines } from './engines.ts';
import { engineTranscript, hasReference, referenceTranscript } from './transcript.ts';

const COUNT = Number(process.env['HEKATE_FUZZ'] ?? 400);

/** A line for each call: its results, or its error. */
const HEAD = `
local function line(...)
  local parts = {}
  for i = 1, select("#", ...) do
    local v = (select(i, ...))
    parts[i] = type(v) == "string" and string.format("%q", v):gsub("\\n", "n") or tostring(v)
  end
  print(table.concat(parts, " "))
end
local function all(iterator)
  local found = {}
  for a, b in iterator do found[#found + 1] = tostring(a) .. "," .. tostring(b) end
  return table.concat(found, ";")
end
local function try(call) line(pcall(call)) end
`;

const kinds: Readonly<Record<string, (random: SeededRandom) => string>> = {
  'numbers have the texts of Lua 5.1': (random) => {
    const x = numberLiteral(randomDouble(random));
    return `${x}, ${x} .. "", tonumber(tostring(${x})) == ${x}, string.format("%.14g %.17g %g %e %f %.3f %.0f", ${x}, ${x}, ${x}, ${x}, ${x}, ${x}, ${x})`;
  },
  'texts are read as numbers as in Lua 5.1': (random) => {
    const text = textLiteral(randomNumberText(random));
    return `tonumber(${text}), string.format("%.17g", tonumber(${text}) or 0), tonumber(${text}, ${2 + random.below(35)}), ${text} + 0`;
  },
  'arithmetic is that of Lua 5.1': (random) => {
    const operand = (): string =>
      `tonumber("${numberLiteral(randomDouble(random)).replace(/[()]/g, '')}")`;
    const operator = '+-*/%'[random.below(5)] ?? '+';
    return `(function(a, b) if not a or not b then return end local r = a ${operator} b return r ~= r or string.format("%.17g", r), a < b, a <= b, a == b end)(${operand()}, ${operand()})`;
  },
  'string.format writes what C writes': randomFormatCall,
  'patterns match as in Lua 5.1': randomPatternCall,
};

const required = process.env['HEKATE_REQUIRE_SERVICES'] === '1';
const skip = hasReference() || required ? false : 'no lua5.1 on this machine';
/** Calls in one program. */
const BATCH = 100;

for (const [name, make] of Object.entries(kinds)) {
  t.test(name, { skip }, async (t) => {
    const random = seededRandom();
    t.comment(`HEKATE_TEST_SEED=${random.seed}`);
    for (let made = 0; made < COUNT; made += BATCH) {
      const calls = Array.from({ length: Math.min(BATCH, COUNT - made) }, () => make(random));
      const source = HEAD + calls.map((call) => `try(function() return ${call} end)`).join('\n');
      const expected = referenceTranscript(source).split('\n');
      for (const engine of engines) {
        const actual = engineTranscript(engine, source).split('\n');
        const wrong = calls.flatMap((call, at) =>
          actual[at] === expected[at]
            ? []
            : [`${call}\n  lua5.1: ${expected[at]}\n  ${engine.name}: ${actual[at]}`],
        );
        t.equal(wrong.join('\n'), '', `${engine.name}: ${calls.length} calls`);
      }
    }
  });
}
