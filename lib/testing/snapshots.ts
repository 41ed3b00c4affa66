/**
 * Snapshots: what cases with `snapshot = true` gave when somebody last looked at it and wrote it down. They stand in
 * `<name>.test.snap` beside the cases, as text that people can read and compare.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { textDifference } from './comparison.ts';

/** Begins a case's snapshot; its name follows. */
const HEAD = '=== ';

export class Snapshots {
  readonly #file: string;
  readonly #update: boolean;
  readonly #kept: ReadonlyMap<string, string>;
  readonly #made = new Map<string, string>();

  private constructor(file: string, update: boolean, kept: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#update = update;
    this.#kept = kept;
  }

  /** The snapshots of a file of cases; with `update`, what is compared is written down instead. */
  static async of(cases: string, update: boolean): Promise<Snapshots> {
    const file = cases.replace(/\.toml$/, '.snap');
    const text = await readFile(file, 'utf8').catch(() => '');
    const kept = new Map<string, string>();
    for (const part of text.split(`\n${HEAD}`).slice(1)) {
      const end = part.indexOf('\n');
      kept.set(part.slice(0, end), part.slice(end + 1).replace(/\n$/, ''));
    }
    return new Snapshots(file, update, kept);
  }

  /** What is wrong: nothing when the text is what was written down, or is written down now. */
  compare(name: string, text: string): readonly string[] {
    this.#made.set(name, text);
    if (this.#update) return [];
    const kept = this.#kept.get(name);
    if (kept === undefined) return ['it has no snapshot: run with -update'];
    return kept === text ? [] : [`snapshot:\n${textDifference(kept, text)}`];
  }

  /** Writes the file when it was asked for; a file without snapshots goes. */
  async close(): Promise<void> {
    if (!this.#update) return;
    const parts = [...this.#made].map(([name, text]) => `\n${HEAD}${name}\n${text}\n`);
    if (parts.length > 0) {
      await writeFile(this.#file, `Snapshots; written by hekate test -update.\n${parts.join('')}`);
    } else if (this.#kept.size > 0) await rm(this.#file);
  }
}
