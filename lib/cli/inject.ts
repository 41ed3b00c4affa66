/** hekate inject: sends one unsigned message to a daemon (upstream's heka-inject). A failure is exit 1, not silence. */
import { hostname } from 'node:os';
import { addressText, parseAddress } from '../network-address.ts';
import { HekateError } from '../protocol/errors.ts';
import { frame } from '../protocol/framing.ts';
import { type FieldInit, Message } from '../protocol/message.ts';
import { systemClock } from '../system-clock.ts';
import { type Command, helpText } from './command.ts';
import type { FlagValues } from './flags.ts';
import { FramedConnection } from './framed-connection.ts';
import { noPositional } from './sbmgr.ts';

export const command: Command = {
  name: 'inject',
  summary: 'Sends one message to a daemon.',
  usage: '[flags]',
  example: "hekate inject -type Widget -payload 'hello' -field colour=red -field size:int=3",
  flags: {
    heka: {
      kind: 'string',
      default: '127.0.0.1:5565',
      doc: 'Heka instance to inject message',
      placeholder: 'host:port',
    },
    type: { kind: 'string', default: 'inject.message', doc: 'Type of message' },
    logger: { kind: 'string', default: 'Inject Client', doc: 'Data source' },
    severity: { kind: 'int', default: 7, doc: 'Syslog severity level' },
    payload: { kind: 'string', doc: 'Textual data' },
    pid: { kind: 'int', doc: "Process ID generating message; 0 is this command's own" },
    hostname: { kind: 'string', doc: "Hostname generating message; empty is this machine's" },
    field: {
      kind: 'string',
      repeatable: true,
      placeholder: 'name=value',
      doc: 'Adds a field, as text or as name:int=, name:double= or name:bool=; may be repeated',
    },
    format: {
      kind: 'string',
      default: 'txt',
      choices: ['txt', 'json'],
      doc: 'json prints what was sent as one line; txt prints nothing',
    },
  },
  run: async (values, positional, io) => {
    if (values.givenCount === 0 && positional.length === 0) {
      io.stdout(helpText(command, 'hekate inject'));
      return 0;
    }
    noPositional(positional);
    const message = Message.create({
      type: values.string('type'),
      logger: values.string('logger'),
      severity: values.number('severity'),
      payload: values.string('payload'),
      pid: values.number('pid') || process.pid,
      hostname: values.string('hostname') || hostname(),
      timestampNs: systemClock.nowNs(),
      fields: fieldsOf(values),
    });
    const address = parseAddress(values.string('heka'));
    const connection = await FramedConnection.connect({ address, signal: io.signal });
    await connection.send(frame(message.bytes));
    const failure = await connection.close();
    if (failure !== undefined) {
      throw new HekateError('HKT_TOOL_SEND', [connection.peer, failure.message], failure);
    }
    if (values.string('format') === 'json') {
      const to = addressText(address.host, address.port);
      io.stdout(`${JSON.stringify({ uuid: message.uuid, bytes: message.bytes.length, to })}\n`);
    }
    return 0;
  },
};

function fieldsOf(values: FlagValues): FieldInit[] {
  return values.strings('field').map((text) => {
    const fail = (why: string): never => {
      throw new HekateError('HKT_TOOL_FLAG_VALUE', [text, 'field', why]);
    };
    const equals = text.indexOf('=');
    if (equals < 1) return fail('expected name=value');
    const value = text.slice(equals + 1);
    const [, name = '', type = 'text'] =
      /^(.*?)(?::(int|double|bool))?$/s.exec(text.slice(0, equals)) ?? [];
    switch (type) {
      case 'int': {
        const number = Number(value);
        if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) fail('not a whole number');
        return { name, value: number, integer: true };
      }
      case 'double': {
        const number = Number(value);
        if (value.trim() === '' || Number.isNaN(number)) fail('not a number');
        return { name, value: number };
      }
      case 'bool':
        if (value !== 'true' && value !== 'false') fail('expected true or false');
        return { name, value: value === 'true' };
      default:
        return { name, value };
    }
  });
}
