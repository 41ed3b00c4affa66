/**
 * Reads the configuration of a control message or of a stored filter: TOML text with exactly one SandboxFilter section.
 * Nothing in it refers to files or to the environment. It is checked as a whole before anything touches the disk.
 */
import { isTable } from '../config/field-value.ts';
import { type Fault, faultAt, faultText } from '../config/place.ts';
import { checkSection } from '../config/section.ts';
import type { Section } from '../config/spec.ts';
import { readToml } from '../config/toml-reader.ts';
import { sandboxFilterSpec } from '../filters/sandbox-filter-spec.ts';
import type { ApiFlavour } from '../protocol/batch.ts';
import { type ErrorCode, errorText, HekateError } from '../protocol/errors.ts';
import { compileMatcherOf } from '../protocol/matcher/api-matcher.ts';

/** Lines of a refusal that are told; there may be thousands. */
const MAX_SHOWN_FAULTS = 20;

export type Submission =
  | {
      readonly kind: 'section';
      /** The section's name as it was written. */
      readonly written: string;
      /** The filter's full name. */
      readonly name: string;
      readonly section: Section;
      /** A line per setting that is taken but has no effect. */
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: 'refused';
      /** Full name, "" when it is not known. */
      readonly name: string;
      /** Code of the first fault. */
      readonly code: ErrorCode;
      /** A line per fault, with its place, code and suggestion. */
      readonly text: string;
    };

/** Reads a configuration. `nameOf` gives the full name of the section's filter and may throw a HekateError. */
export function readSubmission(text: string, nameOf: (written: string) => string): Submission {
  const document = readToml(text);
  if (document.faults.length > 0) return refused('', document.faults);

  const keys = Object.keys(document.tables);
  const outside = keys.filter((key) => !isTable(document.tables[key]));
  if (outside.length > 0) {
    const faults = outside.map((key) =>
      faultAt(document.at([key], 'key') ?? START, 'HKT_CONFIG_NOT_SECTION', [key]),
    );
    return refused('', faults);
  }
  const [written] = keys;
  const raw = written === undefined ? undefined : document.tables[written];
  if (written === undefined || keys.length > 1 || !isTable(raw)) {
    return refused('', [faultAt(START, 'HKT_CONTROL_SECTIONS', [keys.length])]);
  }

  const place = document.at([written], 'key') ?? START;
  let name: string;
  try {
    name = nameOf(written);
  } catch (error) {
    if (!(error instanceof HekateError)) throw error;
    return { kind: 'refused', name: '', code: error.code, text: `${error.code} ${error.message}` };
  }

  // As hekad does it: without a type the type is the plugin's name.
  const type = Object.entries(raw).find(([key]) => key.toLowerCase() === 'type')?.[1] ?? name;
  if (type !== sandboxFilterSpec.type) {
    const code = type === name ? 'HKT_CONFIG_PLUGIN_TYPE' : 'HKT_CONTROL_TYPE';
    const shown = typeof type === 'string' ? type : typeof type;
    return refused(name, [faultAt(place, code, [shown])]);
  }

  const { section, faults, warnings } = checkSection(
    sandboxFilterSpec,
    raw,
    { name, place, at: (path, part) => document.at([written, ...path], part) },
    { matcher: matcherFault },
  );
  return section === undefined
    ? refused(name, faults)
    : { kind: 'section', written, name, section, warnings: warnings.map(faultText) };
}

const START = { file: '', line: 1, column: 1 };

function matcherFault(expression: string, api: ApiFlavour): string | undefined {
  try {
    compileMatcherOf(api, expression);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

function refused(name: string, faults: readonly Fault[]): Submission {
  const lines = faults.slice(0, MAX_SHOWN_FAULTS).map(faultText);
  const more = faults.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  const [first] = faults;
  if (first === undefined) throw new Error('a refusal has a fault');
  return { kind: 'refused', name, code: first.code, text: lines.join('\n') };
}
