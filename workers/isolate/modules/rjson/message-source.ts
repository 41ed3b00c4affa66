/** What `parse_message` reads: a payload or field of the current message, or of the one that a stream reader holds. */
import { GuestError, type GuestValue } from '../../engine.ts';
import { checkArgument, optionalInteger, stringArgument } from '../../host-api/guest-arguments.ts';
import { holdsMessage, type ModuleParts } from '../native-module.ts';

export interface MessageJson {
  readonly text: string;
  readonly validate: boolean;
}

/** Reads the arguments from this one on: [stream reader,] name [, field index [, array index [, validate]]]. */
export function messageJson(
  parts: ModuleParts,
  args: readonly GuestValue[],
  first: number,
): MessageJson {
  const holder = args[first - 1];
  const isHolder = holdsMessage(holder);
  const at = isHolder ? first + 1 : first;
  checkArgument(args.length >= at && args.length <= at + 3, 0, 'invalid number of arguments');
  const validate = args[at + 2] !== undefined && args[at + 2] !== false;
  const name = stringArgument(args, at);
  const fieldIndex = optionalInteger(args, at + 1, 0);
  checkArgument(fieldIndex >= 0, at + 1, 'field index must be >= 0');
  const arrayIndex = optionalInteger(args, at + 2, 0);
  checkArgument(arrayIndex >= 0, at + 2, 'array index must be >= 0');
  const isReadable = name === 'Payload' || (name.startsWith('Fields[') && name.endsWith(']'));
  const source = isHolder ? holder : parts;
  const text = isReadable ? textOf(source, name, fieldIndex, arrayIndex) : undefined;
  if (text === undefined) throw new GuestError('field not found');
  return { text: isCompressed(text) ? expanded(parts, text) : text, validate };
}

function textOf(
  source: Pick<ModuleParts, 'messageText'>,
  name: string,
  fieldIndex: number,
  arrayIndex: number,
): string | undefined {
  try {
    return source.messageText(name, fieldIndex, arrayIndex);
  } catch (error) {
    if (error instanceof GuestError) throw new GuestError(`parse_message() ${error.text}`);
    throw error;
  }
}

/** The mark of gzip. */
function isCompressed(text: string): boolean {
  return text.length > 2 && text.startsWith('\x1f\x8b');
}

function expanded(parts: ModuleParts, text: string): string {
  const { messageBytes, memory } = parts;
  if (!memory.reserve(messageBytes)) throw new GuestError('memory allocation failed');
  const [plain] = parts.host('zlib.gunzip', [text, messageBytes]);
  if (typeof plain !== 'string') throw new GuestError('ungzip failed');
  return plain;
}
