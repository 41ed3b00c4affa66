/**
 * Text from messages, made safe for an operator's terminal: control characters and marks that reorder what is shown
 * become visible escapes. Tabs and newlines stay.
 */

// C0 without tab and newline, DEL and C1 (0x9b starts an escape sequence too), and the bidirectional controls.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function visibleText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
