import t from 'tap';
import { durationText, parseDuration } from '../../../lib/config/duration.ts';

t.test('a duration is a sum of numbers with units', async (t) => {
  const table: [string, number][] = [
    ['250ms', 250],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['-1s', -1000],
    ['+2m', 120_000],
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['.5s', 500],
    ['1.s', 1000],
    ['10us', 0.01],
    ['10µs', 0.01],
    ['10μs', 0.01],
    ['1s500ms', 1500],
    ['2h0m1s', 7_201_000],
  ];
  for (const [text, ms] of table) t.equal(parseDuration(text), ms, text);
  const ns = parseDuration('1000000ns');
  t.ok(typeof ns === 'number' && Math.abs(ns - 1) < 1e-9);
});

t.test('a text that is no duration says what is wrong with it', async (t) => {
  const table: [string, string][] = [
    ['', 'invalid duration ""'],
    ['-', 'invalid duration "-"'],
    ['5', 'missing unit in duration "5"'],
    ['1h5', 'missing unit in duration "1h5"'],
    ['5 s', 'missing unit in duration "5 s"'],
    ['5d', 'unknown unit "d" in duration "5d"'],
    ['5constructor', 'unknown unit "constructor" in duration "5constructor"'],
    ['s', 'invalid duration "s"'],
    ['--1s', 'invalid duration "--1s"'],
    [' 1s', 'invalid duration " 1s"'],
    ['1s ', 'invalid duration "1s "'],
    ['1e3s', 'unknown unit "e" in duration "1e3s"'],
    ['3000000h', 'invalid duration "3000000h"'],
  ];
  for (const [text, complaint] of table) t.equal(parseDuration(text), complaint, text);
});

t.test('a duration is shown as text that reads back as the same', async (t) => {
  for (const ms of [0, 1, 250, 1000, 1500, 60_000, 90_000, 3_600_000]) {
    t.equal(parseDuration(durationText(ms)), ms, durationText(ms));
  }
  t.equal(durationText(120_000), '2m');
});
