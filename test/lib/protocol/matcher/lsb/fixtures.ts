/** The two messages that the tables of verdicts are about: one with everything, one with nothing but what must be. */
import { Message } from '../../../../../lib/protocol/message.ts';

const PAYLOAD = `${'Test Payload with some words in it, '.padEnd(133, 'and more of them, ')}unique-item`;

export const full: Message = Message.create({
  uuid: Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 0x23 : i === 1 ? 0 : 0x40 + i)),
  timestampNs: 1428773426113040228n,
  type: 'TEST',
  logger: 'GoSpec',
  severity: 6,
  payload: PAYLOAD,
  envVersion: '0.8',
  pid: 32157,
  hostname: 'trink-x230',
  fields: [
    { name: 'foo', value: 'bar' },
    { name: 'number', value: 64, integer: true },
    { name: 'bytes', value: new TextEncoder().encode('data') },
    { name: 'int', value: [999, 1024], integer: true },
    { name: 'double', value: 99.9 },
    { name: 'bool', value: true },
    { name: 'foo', value: 'alternate' },
    { name: 'Payload', value: 'name=test;type=web;' },
    {
      name: 'Timestamp',
      value: 'Mon Jan 02 15:04:05 -0700 2006',
      representation: 'date-time',
    },
    { name: 'zero', value: 0, integer: true },
    { name: 'string', value: '43' },
  ],
});

export const bare: Message = Message.create({ uuid: new Uint8Array(16), timestampNs: 0n });
