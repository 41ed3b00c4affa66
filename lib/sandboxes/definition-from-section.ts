/** Turns a checked section of a decoder, encoder, input or output sandbox into its definition. */
import { join, resolve } from 'node:path';
import { makeDirectories } from '../atomic-file.ts';
import type { Section } from '../config/spec.ts';
import type { SandboxAccess, SandboxKind } from '../protocol/batch.ts';
import type { SandboxDefinition } from './sandbox-definition.ts';
import { confinementOf, flavourOf, readScript, type SandboxGlobals } from './section-parts.ts';

/** Reads the script too. `name` is the sandbox's own, such as "TcpInput-nginx" for a decoder. Rejects with HKT_CONFIG_SCRIPT. */
export async function sandboxDefinition(
  section: Section,
  kind: SandboxKind,
  globals: SandboxGlobals,
  name: string = section.name,
): Promise<SandboxDefinition> {
  const script = await readScript(section, globals, kind);
  const confinement = confinementOf(section, globals);
  const flavour = flavourOf(section, globals, kind, confinement);
  const machine = kind === 'input' || kind === 'output';
  const endless = machine && (flavour.api === 'heka' || section.number('instruction_limit') === 0);
  return {
    name,
    kind,
    script,
    chunkName: section.string('filename'),
    preserveData: section.bool('preserve_data'),
    engine: confinement.engine,
    ...flavour,
    limits: endless
      ? { ...flavour.limits, instructions: Number.POSITIVE_INFINITY }
      : flavour.limits,
    ...(machine ? { access: await accessOf(section, globals) } : {}),
  };
}

async function accessOf(section: Section, globals: SandboxGlobals): Promise<SandboxAccess> {
  const { baseDir } = globals;
  const own = join(baseDir, 'sandbox_files');
  const root = section.string('root');
  await makeDirectories(root === '' ? own : baseDir, 0o700);
  return {
    root: root === '' ? own : resolve(baseDir, root),
    hidden: baseDir,
    network: section.bool('network'),
  };
}
