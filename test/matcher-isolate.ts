/** What runs inside isolates in tests of matchers there: some matchers on some messages. Bundled like the real entry. */
import { compileMatcher } from '../lib/protocol/matcher/matcher.ts';
import { Message } from '../lib/protocol/message.ts';
import { MessageView } from '../lib/protocol/message-view.ts';
import { searchWith } from '../workers/isolate/host-regex.ts';

const EXPRESSIONS = [
  'Type =~ /^te(st|xt)$/',
  "Type == 'test' && Payload !~ /[0-9]+ errors?/",
  'Payload =~ /(?i)ERROR/ || Fields[code] =~ /^5\\d\\d$/',
  'Payload =~ /^\\S+ \\S+$/',
];
const header = { uuid: new Uint8Array(16), timestampNs: 0n };
const MESSAGES = [
  Message.create({ ...header, type: 'test', payload: 'no errors' }),
  Message.create({ ...header, type: 'text', payload: '12 errors in caf\u00e9' }),
  Message.create({ ...header, type: 'other', fields: [{ name: 'code', value: '503' }] }),
];

Object.defineProperty(globalThis, 'matching', {
  value: {
    verdicts(host: { search: (pattern: string, text: string) => boolean }): boolean[] {
      searchWith(host.search);
      const view = new MessageView();
      return EXPRESSIONS.flatMap((expression) => {
        const matcher = compileMatcher(expression);
        return MESSAGES.map(({ bytes }) => {
          view.reset(bytes, 0, bytes.length);
          return matcher.matches(view);
        });
      });
    },
  },
});
