/**
 * The messages between heka-sbmgr and a SandboxManagerFilter, both ways. A control message is Heka 0.11's, field for
 * field; a reply is ours. Every control message that reaches a manager is answered by exactly one reply, which carries
 * the request's uuid, so that a client with several open requests can tell the answers apart.
 *
 *   request   Type heka.control.sandbox   Logger hekad   Payload: Lua source (load, reload)
 *             Fields: config (TOML text, representation "toml") and action, or name and action
 *   reply     Type heka.control.reply     Logger: the manager's name   Severity 6 (ok) or 3   Payload: text for people
 *             Fields: request (36 characters), code ("ok" or an error code), action, name (full filter name, when known)
 */

import { DEFAULT_MAX_MESSAGE_SIZE, Message } from './message.ts';
import { ValueType } from './message-view.ts';
import { utf8Bytes, utf8Text } from './text.ts';

export const CONTROL_TYPE = 'heka.control.sandbox';
export const CONTROL_REPLY_TYPE = 'heka.control.reply';
/** Logger of control messages: upstream marks them as the daemon's own. */
export const CONTROL_LOGGER = 'hekad';

/** Names of the fields of requests and replies. */
export const ControlField = {
  action: 'action',
  config: 'config',
  name: 'name',
  request: 'request',
  code: 'code',
} as const;

export const controlActions = ['load', 'unload', 'reload'] as const;
export type ControlAction = (typeof controlActions)[number];

export function isControlAction(text: string): text is ControlAction {
  return (controlActions as readonly string[]).includes(text); // widened for the search only
}

/** `code` of a reply to a request that was carried out. */
export const REPLY_OK = 'ok';
const SEVERITY_OK = 6;
const SEVERITY_ERROR = 3;
/** Characters of a reply's text and of each of its fields: a reply to whatever request fits any max_message_size. */
const MAX_REPLY_TEXT = 8192;
const MAX_REPLY_FIELD = 255;

/** What a client asks for. Texts are UTF-8. */
export type ControlRequest =
  | {
      readonly action: 'load' | 'reload';
      /** Lua source. */
      readonly script: string | Uint8Array;
      /** TOML text with exactly one SandboxFilter section. */
      readonly config: string;
    }
  | {
      readonly action: 'unload';
      /** The filter's section name, without the manager's prefix. */
      readonly name: string;
    };

/** Headers of a request or reply that come from the machine, not from its meaning. */
export interface ControlHeaders {
  readonly hostname: string;
  /** Default: random. */
  readonly uuid?: Uint8Array | string;
  /** Nanoseconds since the epoch; default: now. */
  readonly timestampNs?: bigint | number;
  /** Bytes; default 65,536. Beyond it encoding throws HKT_MESSAGE_TOO_BIG. */
  readonly maxMessageSize?: number;
}

/** Makes a control message with upstream's headers and its order of fields. It still has to be signed and framed. */
export function encodeControlRequest(request: ControlRequest, headers: ControlHeaders): Message {
  const action = { name: ControlField.action, value: request.action };
  return Message.create(
    {
      ...stamp(headers),
      type: CONTROL_TYPE,
      logger: CONTROL_LOGGER,
      hostname: headers.hostname,
      ...(request.action === 'unload'
        ? { fields: [{ name: ControlField.name, value: request.name }, action] }
        : {
            payload: request.script,
            fields: [
              { name: ControlField.config, value: request.config, representation: 'toml' },
              action,
            ],
          }),
    },
    headers.maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE,
  );
}

/** A control message as it arrived: nothing in it was checked but that its fields are strings. */
export interface ReceivedControl {
  /** 36 characters, or "" when the message has no proper uuid. */
  readonly request: string;
  /** Undefined: the field is missing or no string. The first field of a name counts. */
  readonly action: string | undefined;
  readonly config: string | undefined;
  readonly name: string | undefined;
  /** The payload, not copied. */
  readonly script: Uint8Array;
}

/** Reads a control message; its Type is the caller's matter (message_matcher decides upstream). */
export function decodeControlRequest(message: Message): ReceivedControl {
  return {
    request: message.uuid,
    action: stringField(message, ControlField.action),
    config: stringField(message, ControlField.config),
    name: stringField(message, ControlField.name),
    script: message.payloadBytes,
  };
}

/** What a manager answers. */
export interface ControlReply {
  /** uuid text of the control message that is answered. */
  readonly request: string;
  /** "ok", or a code of the error catalogue. */
  readonly code: string;
  /** The action as it was asked for; "" when it was missing. */
  readonly action: string;
  /** Full filter name such as "PlatformDevs-Example"; "" when it is not known. */
  readonly name: string;
  /** One or more lines for people. */
  readonly text: string;
}

/** Makes a reply. `manager` is the plugin name of the manager that answers. Text and fields are cut to their bounds. */
export function encodeControlReply(
  reply: ControlReply,
  manager: string,
  headers: ControlHeaders,
): Message {
  return Message.create(
    {
      ...stamp(headers),
      type: CONTROL_REPLY_TYPE,
      logger: manager,
      severity: reply.code === REPLY_OK ? SEVERITY_OK : SEVERITY_ERROR,
      payload: reply.text.slice(0, MAX_REPLY_TEXT),
      hostname: headers.hostname,
      fields: [
        { name: ControlField.request, value: reply.request },
        { name: ControlField.code, value: reply.code },
        { name: ControlField.action, value: reply.action.slice(0, MAX_REPLY_FIELD) },
        { name: ControlField.name, value: reply.name.slice(0, MAX_REPLY_FIELD) },
      ],
    },
    headers.maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE,
  );
}

/** Reads a reply; undefined when the message is none (other Type, or no request or code in it). */
export function decodeControlReply(message: Message): ControlReply | undefined {
  if (message.type !== CONTROL_REPLY_TYPE) return undefined;
  const request = stringField(message, ControlField.request);
  const code = stringField(message, ControlField.code);
  if (request === undefined || code === undefined) return undefined;
  return {
    request,
    code,
    action: stringField(message, ControlField.action) ?? '',
    name: stringField(message, ControlField.name) ?? '',
    text: message.payload,
  };
}

function stamp(headers: ControlHeaders): {
  readonly uuid?: Uint8Array | string;
  readonly timestampNs?: bigint | number;
} {
  return {
    ...(headers.uuid === undefined ? {} : { uuid: headers.uuid }),
    ...(headers.timestampNs === undefined ? {} : { timestampNs: headers.timestampNs }),
  };
}

/** First value of the first field named `name` when that field is of type string. */
function stringField(message: Message, name: string): string | undefined {
  const view = message.view;
  if (!view.findField(utf8Bytes(name), 0) || view.fieldValueType !== ValueType.string) {
    return undefined;
  }
  return view.locateValue(0) ? utf8Text(view.bytes, view.valueStart, view.valueEnd) : undefined;
}
