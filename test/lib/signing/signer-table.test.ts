import { inspect } from 'node:util';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { PluginSpec } from '../../../lib/config/spec.ts';
import {
  mergeSigners,
  noSigners,
  signerField,
  signerTable,
} from '../../../lib/signing/signer-table.ts';

const spec: PluginSpec = {
  type: 'Any',
  category: 'splitter',
  doc: '',
  fields: { signer: signerField },
};
const keyOf = (table: ReturnType<typeof signerTable>, id: string): string | undefined =>
  table.get(id)?.export().toString('utf8');

t.test('a section gives one key per name and version', async (t) => {
  const section = sectionOf(spec, {
    signer: {
      Ops_0: { hmac_key: 'old' },
      Ops_1: { hmac_key: 'n\u00e9w' },
      a_b_12: { hmac_key: 'x' },
    },
  });
  const table = signerTable(section);
  t.equal(table.size, 3);
  t.equal(keyOf(table, 'Ops_0'), 'old');
  t.equal(keyOf(table, 'Ops_1'), 'n\u00e9w');
  t.equal(keyOf(table, 'a_b_12'), 'x');
  t.equal(signerTable(sectionOf(spec)).size, 0);
});

t.test('a signer that could never be used is a fault of the configuration', async (t) => {
  for (const id of ['Ops', 'Ops_', 'Ops_01', 'Ops_-1', 'Ops_x', 'Ops_4294967296']) {
    t.throws(
      () => sectionOf(spec, { signer: { [id]: { hmac_key: 'k' } } }),
      { message: /must end in _/ },
      id,
    );
  }
  t.throws(() => sectionOf(spec, { signer: { Ops_0: {} } }), { code: 'HKT_CONFIG_REQUIRED' });
  t.throws(() => sectionOf(spec, { signer: { Ops_0: { hmac_key: '' } } }), {
    message: /anyone could sign/,
  });
});

t.test('of two tables the nearer one counts', async (t) => {
  const table = (values: Record<string, string>): ReturnType<typeof signerTable> =>
    signerTable(
      sectionOf(spec, {
        signer: Object.fromEntries(
          Object.entries(values).map(([id, key]) => [id, { hmac_key: key }]),
        ),
      }),
    );
  const merged = mergeSigners(
    table({ a_0: 'far', b_0: 'far' }),
    table({ b_0: 'near', c_0: 'near' }),
  );
  t.same(
    ['a_0', 'b_0', 'c_0'].map((id) => keyOf(merged, id)),
    ['far', 'near', 'near'],
  );
  t.equal(mergeSigners(noSigners, merged), merged);
  t.equal(mergeSigners(merged, noSigners), merged);
});

t.test('looking at a table shows no key', async (t) => {
  const table = signerTable(sectionOf(spec, { signer: { a_0: { hmac_key: 'very secret' } } }));
  t.notOk(inspect(table, { depth: 9, showHidden: true }).includes('very secret'));
  t.notOk(JSON.stringify([...table]).includes('very secret'));
});
