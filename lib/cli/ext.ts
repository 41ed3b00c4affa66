/**
 * `hekate ext`: shows, adds and removes extension packages.
 */
import path from 'node:path';
import { addPackage, removePackage } from '../packages/package-installer.ts';
import {
  type InstalledPackage,
  luaModules,
  openPackages,
  type PackageStore,
} from '../packages/package-store.ts';
import { HekateError } from '../protocol/errors.ts';
import type { Command, CommandIo } from './command.ts';

export const command: Command = {
  name: 'ext',
  summary: 'shows, adds and removes extension packages',
  usage: '[flags] list | info NAME | add FOLDER|FILE.tgz | remove NAME',
  example: 'hekate ext info syslog',
  flags: {
    base_dir: {
      kind: 'string',
      default: '/var/cache/hekad',
      doc: "the daemon's base_dir, where packages are added",
    },
    extensions: {
      kind: 'string',
      default: '',
      doc: 'as in [hekad]: names that are on, separated by commas; "all", or "-name" for all but one',
    },
    json: { kind: 'bool', doc: 'one JSON object a line' },
  },
  run: async (flags, positional, io) => {
    const [verb, name, ...more] = positional;
    const baseDir = path.resolve(io.cwd, flags.string('base_dir'));
    const names = flags
      .string('extensions')
      .split(',')
      .filter((part) => part !== '');
    if (more.length > 0 || (verb === 'list') !== (name === undefined)) {
      throw new HekateError('HKT_TOOL_USAGE', ['give list, info NAME, add SOURCE or remove NAME']);
    }
    switch (verb) {
      case 'list':
        list(await openPackages(baseDir, names), flags.bool('json'), io);
        return 0;
      case 'info':
        info(await openPackages(baseDir, names), name ?? '', flags.bool('json'), io);
        return 0;
      case 'add': {
        const added = await addPackage(baseDir, path.resolve(io.cwd, name ?? ''));
        // What it needs is told at once, not when the daemon starts.
        await openPackages(baseDir, names);
        io.stdout(`added ${added.extension} ${added.version}\n`);
        return 0;
      }
      case 'remove':
        await removePackage(baseDir, name ?? '');
        io.stdout(`removed ${name}\n`);
        return 0;
      default:
        throw new HekateError('HKT_TOOL_USAGE', [`ext does not know ${verb}`]);
    }
  },
};

function list(store: PackageStore, json: boolean, io: CommandIo): void {
  for (const found of store.packages) {
    if (json) {
      io.stdout(`${JSON.stringify(plain(found))}\n`);
      continue;
    }
    const { enabled, manifest, origin } = found;
    const { description, extension, version } = manifest;
    const state = `${enabled ? 'on' : 'off'}${origin === 'added' ? ', added' : ''}`;
    io.stdout(`${extension.padEnd(16)} ${version.padEnd(8)} ${state.padEnd(10)} ${description}\n`);
  }
}

function info(store: PackageStore, name: string, json: boolean, io: CommandIo): void {
  const found = store.packages.find(({ manifest }) => manifest.extension === name);
  if (found === undefined) {
    const known = store.packages.map(({ manifest }) => manifest.extension).join(', ');
    throw new HekateError('HKT_PACKAGE_UNKNOWN', [name, known]);
  }
  const shown = plain(found);
  if (json) {
    io.stdout(`${JSON.stringify(shown)}\n`);
    return;
  }
  const { manifest } = found;
  io.stdout(`${manifest.extension} ${manifest.version}, ${shown.enabled ? 'on' : 'off'}\n`);
  io.stdout(`  ${manifest.description}\n  ${manifest.folder}\n`);
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['for all sandboxes', shown.modules],
    ['for inputs, outputs, decoders and encoders', shown.ioModules],
    ['sandboxes', shown.sandboxes],
    ['needs', Object.entries(manifest.requires).map(([other, range]) => `${other} ${range}`)],
  ];
  for (const [title, items] of lines) {
    if (items.length > 0) io.stdout(`  ${title}: ${items.join(', ')}\n`);
  }
}

function plain({ enabled, manifest, origin }: InstalledPackage) {
  const { description, extension, requires, version } = manifest;
  return {
    extension,
    version,
    description,
    enabled,
    origin,
    modules: [...manifest.native, ...luaModules(manifest.modules)],
    ioModules: [...manifest.nativeIo, ...luaModules(manifest.ioModules)],
    sandboxes: luaModules(manifest.sandboxes)
      .filter((script) => !script.endsWith('.test'))
      .map((script) => `${script.replaceAll('.', '/')}.lua`),
    requires,
  };
}
