/**
 * The runtime's own files that extensions use instead of copies: those whose classes must be the same, and those that most
 * of them need. By path below the project's root, without the ending; the bundler reads the list of names from here.
 */
import * as errors from '../../lib/protocol/errors.ts';
import * as messageView from '../../lib/protocol/message-view.ts';
import * as protobufWriter from '../../lib/protocol/protobuf-writer.ts';
import * as text from '../../lib/protocol/text.ts';
import * as uuid from '../../lib/protocol/uuid.ts';
import * as engine from './engine.ts';
import * as callResult from './host-api/call-result.ts';
import * as guestArguments from './host-api/guest-arguments.ts';
import * as hekaApi from './host-api/heka-api.ts';
import * as logBook from './host-api/log-book.ts';
import * as messageDecoder from './host-api/message-decoder.ts';
import * as messageEncoder from './host-api/message-encoder.ts';
import * as messageReader from './host-api/message-reader.ts';
import * as hostNumberText from './host-api/number-text.ts';
import * as outputBuffer from './host-api/output-buffer.ts';
import * as wireReader from './host-api/wire-reader.ts';
import * as numberText from './lua-text/number-text.ts';
import * as mailbox from './mailbox.ts';
import * as nativeModule from './modules/native-module.ts';

export const sharedParts = {
  'lib/protocol/errors': errors,
  'lib/protocol/message-view': messageView,
  'lib/protocol/protobuf-writer': protobufWriter,
  'lib/protocol/text': text,
  'lib/protocol/uuid': uuid,
  'workers/isolate/engine': engine,
  'workers/isolate/mailbox': mailbox,
  'workers/isolate/host-api/call-result': callResult,
  'workers/isolate/host-api/guest-arguments': guestArguments,
  'workers/isolate/host-api/heka-api': hekaApi,
  'workers/isolate/host-api/log-book': logBook,
  'workers/isolate/host-api/message-decoder': messageDecoder,
  'workers/isolate/host-api/message-encoder': messageEncoder,
  'workers/isolate/host-api/message-reader': messageReader,
  'workers/isolate/host-api/number-text': hostNumberText,
  'workers/isolate/host-api/output-buffer': outputBuffer,
  'workers/isolate/host-api/wire-reader': wireReader,
  'workers/isolate/lua-text/number-text': numberText,
  'workers/isolate/modules/native-module': nativeModule,
} as const;
