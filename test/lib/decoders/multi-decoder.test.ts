import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { multiDecoder } from '../../../lib/decoders/multi-decoder.ts';
import type { Decoder } from '../../../lib/plugin.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { packOf, testContext } from '../../plugin-context.ts';

/** Adds a field to payloads that begin with a letter, and fails for all others. */
function startsWith(letter: string, field: string): Decoder {
  return {
    decode: (pack) => {
      if (!pack.message.payload.startsWith(letter)) throw new Error(`No ${letter}`);
      const fields = [{ name: field, value: letter }];
      return [{ ...pack, message: pack.message.with({ fields }) }];
    },
  };
}

/** The same decoder, but its answer comes later. */
function later(decoder: Decoder): Decoder {
  return {
    decode: async (pack) => {
      await new Promise((resolve) => setImmediate(resolve));
      return await decoder.decode(pack);
    },
    decodeAll: () => [],
  };
}

const subs: Readonly<Record<string, Decoder>> = {
  M: startsWith('m', 'M'),
  S: startsWith('s', 'S'),
  M2: startsWith('m', 'M2'),
  none: { decode: () => [] },
  twice: { decode: (pack) => [pack, { ...pack, message: pack.message.with({ logger: 'copy' }) }] },
};

function make(
  values: Record<string, ConfigValue>,
  wrap: (decoder: Decoder) => Decoder = (decoder) => decoder,
) {
  const context = testContext('in-multi');
  const decoder = multiDecoder.create(sectionOf(multiDecoder.spec, values), {
    ...context,
    decoder: (name) => {
      const sub = subs[name];
      if (sub === undefined) throw new Error(`no ${name}`);
      return wrap(sub);
    },
  });
  return { decoder, context };
}

function fieldNames(packs: readonly Pack[]): string[][] {
  return packs.map(({ message }) => message.fields().map(({ name }) => name));
}

for (const [way, wrap] of [
  ['at once', (decoder: Decoder) => decoder],
  ['later', later],
] as const) {
  const decode = async (values: Record<string, ConfigValue>, payload: string) => {
    const { decoder, context } = make(values, wrap);
    const packs = await (async () => await decoder.decode(packOf({ payload })))();
    return { packs, errors: context.errors };
  };

  t.test(`the first decoder that succeeds wins (${way})`, async (t) => {
    const values = { subs: ['M', 'S', 'M2'] };
    t.same(fieldNames((await decode(values, 'match first')).packs), [['M']]);
    t.same(fieldNames((await decode(values, 'second match')).packs), [['S']]);
    await t.rejects(decode(values, 'neither'), {
      code: 'HKT_DECODE_ALL_FAILED',
      message: 'All subdecoders failed.',
    });
  });

  t.test(`with "all", each decoder gets what those before have made (${way})`, async (t) => {
    const values = { subs: ['M', 'S', 'M2'], cascade_strategy: 'all' };
    t.same(fieldNames((await decode(values, 'match twice')).packs), [['M', 'M2']]);
    t.same(fieldNames((await decode(values, 'second match')).packs), [['S']]);
    await t.rejects(decode(values, 'neither'), { code: 'HKT_DECODE_ALL_FAILED' });
  });

  t.test(`with "all", every pack that a decoder makes goes on to the next (${way})`, async (t) => {
    const values = { subs: ['twice', 'M', 'twice'], cascade_strategy: 'all' };
    const { packs } = await decode(values, 'm');
    t.same(fieldNames(packs), [['M'], ['M'], ['M'], ['M']]);
    t.same(
      packs.map(({ message }) => message.logger),
      ['', 'copy', 'copy', 'copy'],
    );
  });

  t.test(`a decoder that makes no message has not succeeded (${way})`, async (t) => {
    t.same(fieldNames((await decode({ subs: ['none', 'M'] }, 'm')).packs), [['M']]);
    await t.rejects(decode({ subs: ['none'] }, 'm'), { code: 'HKT_DECODE_ALL_FAILED' });
    const all = { subs: ['none', 'M'], cascade_strategy: 'all' };
    t.same(fieldNames((await decode(all, 'm')).packs), [['M']]);
  });

  t.test(`failures are logged when they are asked for (${way})`, async (t) => {
    const quiet = await decode({ subs: ['S', 'M'] }, 'm');
    t.same(quiet.errors, []);
    const loud = await decode({ subs: ['S', 'M'], log_sub_errors: true }, 'm');
    t.same(loud.errors, ["Subdecoder 'S' decode error: No s"]);
  });
}

t.test('a decoder without delay answers without one', async (t) => {
  const { decoder } = make({ subs: ['S', 'M'] });
  t.ok(Array.isArray(decoder.decode(packOf({ payload: 'm' }))));
  t.equal(decoder.decodeAll, undefined);
});

t.test('packs that are given together are on their way together', async (t) => {
  let waiting = 0;
  const gate = Promise.withResolvers<void>();
  const slow = (decoder: Decoder): Decoder => ({
    decodeAll: () => [],
    decode: async (pack) => {
      waiting++;
      await gate.promise;
      return await decoder.decode(pack);
    },
  });
  const { decoder } = make({ subs: ['M'] }, slow);
  const results = decoder.decodeAll?.([packOf({ payload: 'm' }), packOf({ payload: 'x' })]) ?? [];
  t.equal(waiting, 2);
  gate.resolve();
  const [first, second] = await Promise.all(results);
  t.match(first, { packs: [{}] });
  t.match(second, { error: { code: 'HKT_DECODE_ALL_FAILED' } });
});

t.test('the end of its source is told to all decoders', async (t) => {
  let ends = 0;
  const { decoder } = make({ subs: ['M', 'S'] }, (sub) => ({
    decode: (pack) => sub.decode(pack),
    end: async () => {
      ends++;
    },
  }));
  await decoder.end?.();
  t.equal(ends, 2);
});

t.test('wrong settings are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(multiDecoder.spec, values);
  };
  t.throws(() => check({ subs: [] }), /At least one subdecoder must be specified\./);
  t.throws(() => check({}), /missing the setting 'subs'/);
  t.throws(() => check({ subs: ['M'], cascade_strategy: 'some' }), /is not one of "first-wins"/);
});
