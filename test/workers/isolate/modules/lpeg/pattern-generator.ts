/**
 * Random patterns, subjects and captures as Lua text: the same text runs with the module and with the machine's own LPeg. A seed
 * always gives the same case.
 */

/** Numbers below a bound, from a seed: mulberry32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % bound;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T; // never empty
  }
}

/** Functions that the cases call; they log that they are called, so that order and number of calls are compared, too. */
export const PRELUDE = `
local m = require "lpeg"
local string, table = require "string", require "table"
local P, S, R, V, B = m.P, m.S, m.R, m.V, m.B
local C, Cp, Cc, Carg, Cb, Cg, Ct, Cs, Cf, Cmt = m.C, m.Cp, m.Cc, m.Carg, m.Cb, m.Cg, m.Ct, m.Cs, m.Cf, m.Cmt
local log
local function shown(v, depth)
  if type(v) == "string" then return string.format("%q", v) end
  if type(v) ~= "table" then return type(v) == "function" and "function" or tostring(v) end
  if depth > 20 then return "..." end
  local keys, parts = {}, {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, k in ipairs(keys) do parts[i] = tostring(k) .. "=" .. shown(v[k], depth + 1) end
  return "{" .. table.concat(parts, ",") .. "}"
end
local function list(...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = shown((select(i, ...)), 1) end
  return table.concat(parts, " ")
end
local function note(name, ...)
  log[#log + 1] = name .. "(" .. list(...) .. ")"
end
local function all(...) note("all", ...) return ... end
local function none(...) note("none", ...) end
local function first(a, ...) note("first", a, ...) return a end
local function two(...) note("two", ...) return select("#", ...), "two" end
local function niltwo(...) return nil, "x" end
local function fold(a, b) note("fold", a, b) return shown(a, 1) .. shown(b, 1) end
local function yes(s, i, ...) note("yes", i, ...) return true, ... end
local function no(s, i, ...) note("no", i, ...) return false end
local function here(s, i, ...) note("here", i, ...) return i, "v", ... end
local function on(s, i, ...) note("on", i, ...) if i <= #s then return i + 1, i end end
local function even(s, i, ...) note("even", i, ...) return i % 2 == 0 end
local function inner(s, i) note("inner", i) return (m.match(C"a"^0 * Cp(), s, i)) ~= nil, (m.match(C(1), s, i)) end
local function twice(p) p = P(p) return p * p + p end
local function again(p) p = P(p) return C(p) + p * "a" * p end
local choices = {a = "A", b = true, ab = {1}, ["1"] = 5, [1] = "one"}
local empty = {}
local out = {}
local function plain(text)
  text = tostring(text):gsub("^[%w_%.]+:%d+: ", "")
  -- In which order a grammar's rules are looked at is not told.
  if text:find("^rule '") or text:find("^empty loop") then text = text:gsub("'.-'", "'?'") end
  return text
end
local function case(build, subjects)
  log = {}
  local ok, p = pcall(build)
  if not ok then out[#out + 1] = "no pattern: " .. plain(p) return end
  for i = 1, #subjects, 2 do
    log = {}
    local function result(ok, ...)
      if ok then return list(...) end
      return "error: " .. plain((...))
    end
    local text = result(pcall(m.match, p, subjects[i], subjects[i + 1], "x1", {2}))
    out[#out + 1] = text .. " | " .. table.concat(log, " ")
  end
end
`;

const RULES = ['S', 'A', 'D'] as const;
const TEXTS = ['a', 'b', 'ab', 'ba', 'abc', 'aa', 'c', '', '0', '1', 'cab', 'a\\0', '\\255b'];
const NAMES = ['"x"', '"y"', '1', 'true'];
const COUNTS = [0, 0, 1, 1, 2, 3, -1, -1, -2, -3, 9];
const FORMATS = ['%0', '<%1>', '%2%1', '%%', '%1%0', 'x', '%9', '%', '-%3-'];

export class PatternGenerator {
  readonly #dice: Dice;
  /** Rules that may be called where the expression stands. */
  #rules: readonly string[] = [];
  /**
   * No match-time captures: within an and-predicate they end LPeg 1.0.2 with a failed assertion, and how often those within a
   * predicate are called depends on what a first byte tells.
   */
  #calm = false;
  /** No grammars: LPeg 1.0.2 does not see that a rule calls itself behind one that may match nothing this way. */
  #flat = false;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** An expression of a pattern; parts nest up to `depth`. */
  pattern(depth: number): string {
    if (depth <= 0 || this.#dice.below(12) === 0) return this.#leaf();
    const part = (): string => this.pattern(depth - 1);
    switch (this.#dice.below(24)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return `(${part()} * ${part()})`;
      case 4:
      case 5:
      case 6:
        return `(${part()} + ${part()})`;
      case 7:
        return `(${part()} - ${this.#predicate(depth - 1)})`;
      case 8:
        return `(-${this.#predicate(depth - 1)})`;
      case 9:
        return `(#${this.#predicate(depth - 1)})`;
      case 10:
      case 11:
      case 12:
        return `(${this.#withoutGrammars(depth - 1)} ^ ${this.#dice.pick(COUNTS)})`;
      case 13:
        return `Ct(${part()})`;
      case 14:
        return `Cs(${part()})`;
      case 15:
        return this.#dice.below(2) === 0
          ? `Cg(${part()})`
          : `Cg(${part()}, ${this.#dice.pick(NAMES)})`;
      case 16:
        return `C(${part()})`;
      case 17:
        return `(${part()} / ${this.#divisor()})`;
      case 18:
        if (this.#calm) return part();
        return `Cmt(${part()}, ${this.#dice.pick(['yes', 'no', 'here', 'on', 'even', 'inner'])})`;
      case 19:
        return `Cf(${part()} * ${part()}, fold)`;
      case 20:
        return this.#flat ? part() : this.#grammar(depth - 1);
      case 21:
        return `twice(${part()})`;
      case 22:
        return `again(${part()})`;
      default:
        return `(${part()} * ${part()} + ${part()})`;
    }
  }

  #predicate(depth: number): string {
    const [rules, calm] = [this.#rules, this.#calm];
    // The rules may have them.
    this.#rules = [];
    this.#calm = true;
    const body = this.#withoutGrammars(depth);
    this.#rules = rules;
    this.#calm = calm;
    return body;
  }

  #withoutGrammars(depth: number): string {
    const flat = this.#flat;
    this.#flat = true;
    const body = this.pattern(depth);
    this.#flat = flat;
    return body;
  }

  #leaf(): string {
    const dice = this.#dice;
    const rule = this.#rules.length > 0 && dice.below(3) === 0;
    if (rule) return `V"${dice.pick(this.#rules)}"`;
    switch (dice.below(14)) {
      case 0:
        return `S"${dice.pick(['ab', 'bc', 'a', '', 'abc01'])}"`;
      case 1:
        return `R(${dice.pick(['"az"', '"ac", "01"', '', '"ba"', '"\\0\\255"'])})`;
      case 2:
        return `P(${dice.pick([1, 2, 3, 0, -1, -2, 12])})`;
      case 3:
        return `P(${dice.pick(['true', 'false'])})`;
      case 4:
        return 'Cp()';
      case 5:
        return `Cc(${dice.pick(['', '7', '"k"', 'nil', '1, "z"', 'false', 'nil, 2', '{}'])})`;
      case 6:
        return `Carg(${dice.pick([1, 2, 2, 3])})`;
      case 7:
        return `Cb(${dice.pick(NAMES)})`;
      case 8:
        return `B(${dice.pick(['"a"', '1', 'S"ab" * 1', '-P"a"', '"ab" + P"cb"'])})`;
      case 9:
        if (this.#calm) return 'P"a"';
        return `P(${dice.pick(['yes', 'no', 'here', 'on'])})`;
      case 10:
        return `C(${dice.pick(['1', '"a"', 'R"az"^0', 'S"ab"^1'])})`;
      default:
        return `P"${dice.pick(TEXTS)}"`;
    }
  }

  #divisor(): string {
    const dice = this.#dice;
    switch (dice.below(4)) {
      case 0:
        return `"${dice.pick(FORMATS)}"`;
      case 1:
        return String(dice.below(4));
      case 2:
        return dice.pick(['choices', 'empty']);
      default:
        return dice.pick(['all', 'none', 'first', 'two', 'niltwo']);
    }
  }

  #grammar(depth: number): string {
    const outer = this.#rules;
    const names = RULES.slice(0, 1 + this.#dice.below(RULES.length));
    this.#rules = names;
    const rules = names.map((name) => `${name} = P(${this.pattern(depth)})`);
    this.#rules = outer;
    const extra = this.#dice.below(40) === 0 ? ', D = 1' : '';
    const grammar = `P{"${this.#dice.pick(names)}", ${rules.join(', ')}${extra}}`;
    // LPeg 1.0.2 takes a grammar in a rule for one that advances, and dies of it when it does not.
    return outer.length === 0 ? grammar : `(P"${this.#dice.pick(['a', 'b', 'ab'])}" * ${grammar})`;
  }
}

/** A case as Lua text: a pattern, and subjects each with where to begin. */
export function caseText(seed: number): string {
  const dice = new Dice(seed);
  const pattern = new PatternGenerator(dice).pattern(2 + dice.below(4));
  const subjects: string[] = [];
  for (let i = 0; i < 5; i++) {
    let subject = '';
    const length = dice.below(10);
    for (let j = 0; j < length; j++)
      subject += dice.pick(['a', 'a', 'b', 'b', 'c', '0', '1', '\\0', '\\255']);
    const init = dice.below(4) === 0 ? dice.pick([2, 3, -1, -2, 0, 100, -100]) : 1;
    subjects.push(`"${subject}"`, String(init));
  }
  return `case(function() return P(${pattern}) end, {${subjects.join(', ')}})`;
}
