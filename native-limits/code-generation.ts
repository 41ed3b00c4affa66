/**
 * May this process make code from strings? Node's `--disallow-code-generation-from-strings` forbids it in isolates too, and
 * the compiled engine cannot run then. A process that may not is found out by trying.
 */
let allowed: boolean | undefined;

export function codeFromStrings(): boolean {
  allowed ??= tryIt();
  return allowed;
}

function tryIt(): boolean {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- a constant, and whether it compiles is the question
    return typeof new Function('') === 'function';
  } catch {
    return false; // V8's EvalError: the answer
  }
}
