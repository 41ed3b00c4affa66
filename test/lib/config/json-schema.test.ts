import t from 'tap';
import { hekadSpec } from '../../../lib/config/hekad-spec.ts';
import { jsonSchema } from '../../../lib/config/json-schema.ts';
import type { PluginSpec } from '../../../lib/config/spec.ts';

const spec: PluginSpec = {
  type: 'OneOutput',
  category: 'output',
  doc: 'Writes.',
  fields: {
    address: { kind: 'string', doc: 'Where.', required: true },
    side: { kind: 'choice', doc: '', choices: ['a', 'b'], default: 'a' },
    wait: { kind: 'duration', doc: '', default: 1000 },
    size: { kind: 'bytes', doc: '' },
    signer: { kind: 'sections', doc: '', fields: { key: { kind: 'string', doc: '' } } },
  },
};

t.test('every setting of a type is in its schema, and no other is allowed', async (t) => {
  const schema = jsonSchema([spec], hekadSpec);
  t.match(schema, {
    $defs: {
      OneOutput: {
        type: 'object',
        description: 'Writes.',
        required: ['message_matcher', 'address'],
        additionalProperties: false,
        properties: {
          type: { const: 'OneOutput' },
          ticker_interval: { type: 'integer', minimum: 0, default: 0 },
          wait: { type: 'string', default: '1s' },
          use_buffering: { const: false },
          address: { type: 'string', description: 'Where.' },
          side: { enum: ['a', 'b'], default: 'a' },
          retries: { type: 'object', additionalProperties: false },
          signer: {
            additionalProperties: { properties: { key: { type: 'string' } } },
          },
        },
      },
    },
    properties: { hekad: { properties: { base_dir: { type: 'string' } } }, OneOutput: {} },
    additionalProperties: { anyOf: [{ $ref: '#/$defs/OneOutput', required: ['type'] }] },
  });
  const text = JSON.stringify(schema);
  t.notMatch(text, /"buffering":/, 'what is refused in any form is left out');
});

t.test('the pattern of durations and sizes agrees with what is read', async (t) => {
  const text = JSON.stringify(jsonSchema([spec], hekadSpec));
  const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
    (match) => new RegExp(JSON.parse(match[1] ?? '""')),
  );
  const matches = (value: string): boolean => patterns.some((pattern) => pattern.test(value));
  for (const good of ['250ms', '1h30m', '0', '8MiB', '64 KiB', '100']) t.ok(matches(good), good);
  for (const bad of ['1d', 'soon', '8 Mo', '-1s']) t.notOk(matches(bad), bad);
});
