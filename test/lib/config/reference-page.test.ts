import t from 'tap';
import { hekadSpec } from '../../../lib/config/hekad-spec.ts';
import { referencePage } from '../../../lib/config/reference-page.ts';
import type { PluginSpec } from '../../../lib/config/spec.ts';

const tcp: PluginSpec = {
  type: 'TcpInput',
  category: 'input',
  doc: 'Listens.',
  fields: {
    address: { kind: 'string', doc: 'Where to listen.', required: true, example: '":5565"' },
    wait: { kind: 'duration', doc: 'A | bar.', default: '90s' },
    size: { kind: 'bytes', doc: 'How much.', default: 65_536 },
    signer: {
      kind: 'sections',
      doc: 'Signers.',
      fields: { hmac_key: { kind: 'string', doc: 'Key.', required: true } },
    },
    idle: { kind: 'bool', doc: 'Idle.', ignored: 'nobody reads it' },
    gone: { kind: 'bool', doc: 'Gone.', default: false, refused: 'not built' },
  },
  commonDefaults: { splitter: 'HekaFramingSplitter' },
  ticker: false,
};

t.test('the page shows every setting with its kind, default and meaning', async (t) => {
  const page = referencePage([tcp], hekadSpec);
  for (const row of [
    '## [hekad]',
    '| `base_dir` | text | `"/var/cache/hekad"` |',
    '## Inputs',
    '| `log_decode_failures` | boolean | `true` |',
    '### TcpInput\n\nListens.\n\nOther defaults here: `splitter` is `"HekaFramingSplitter"`.',
    'Has no timer',
    '| `address` | text | **required** | Where to listen. Example: `":5565"`. |',
    '| `wait` | duration | `"90s"` | A \\| bar. |',
    '| `size` | size | `65536` (64KiB) | How much. |',
    '| `signer.<name>.hmac_key` | text | **required** | Key. |',
    'Without effect: nobody reads it.',
    'Any other value is refused: not built.',
  ])
    t.ok(page.includes(row), row);
  t.notMatch(page, /## Outputs/, 'chapters without a plugin are left out');
  t.notMatch(page, /undefined|\[object/);
});

t.test('the order of the specs does not change the page', async (t) => {
  const udp: PluginSpec = { ...tcp, type: 'UdpInput' };
  t.equal(referencePage([tcp, udp], hekadSpec), referencePage([udp, tcp], hekadSpec));
});
