/**
 * The settings of a disk queue (Heka 0.11, pipeline/queue_buffer.go): use_buffering and the [buffering] section of the
 * outputs that can have one. As upstream, a section that is given takes away the output's own defaults for all of it.
 */
import type { FieldSpec, Section } from '../config/spec.ts';
import type { DiskQueueOptions } from './disk-queue.ts';

const MAX_FILE_BYTES = 512 * 1024 * 1024;

const fields: Readonly<Record<string, FieldSpec>> = {
  max_file_size: {
    kind: 'bytes',
    default: MAX_FILE_BYTES,
    doc: 'Largest file of the queue; 0 is the default. Must hold the largest message. At most a quarter of max_buffer_size is used, so that room is made in steps.',
    example: '"256MiB"',
  },
  max_buffer_size: {
    kind: 'bytes',
    default: 0,
    doc: 'Disk space of the whole queue; 0 is no bound.',
    example: '"1GiB"',
  },
  full_action: {
    kind: 'choice',
    choices: ['shutdown', 'drop', 'block'],
    default: 'shutdown',
    doc: 'When max_buffer_size is used up: end the daemon in order, drop and count what comes, or hold the router and the inputs back.',
  },
  cursor_update_count: {
    kind: 'uint',
    default: 1,
    doc: 'Messages delivered between two writes of the place up to which the queue was delivered; 0 is 1. As many may be delivered twice after a crash.',
  },
};

/** For a spec's fields. `own` says what holds without the section, where that differs from the section's defaults. */
export function bufferingFields(
  byDefault: boolean,
  own?: string,
): Readonly<Record<string, FieldSpec>> {
  const doc = 'Settings of the disk queue.';
  return {
    use_buffering: {
      kind: 'bool',
      default: byDefault,
      doc: 'Queue messages on disk, below base_dir in output_queue, until they are delivered. They outlive a crash of the daemon, and may then be delivered twice.',
    },
    buffering: { kind: 'section', fields, doc: own === undefined ? doc : `${doc} ${own}` },
  };
}

/** The settings of an output's section; `own` are its type's defaults without a [buffering] section. */
export function bufferingOptions(
  section: Section,
  own: Partial<DiskQueueOptions> = {},
): DiskQueueOptions {
  const buffering = section.section('buffering');
  const action = buffering.string('full_action');
  return {
    maxFileBytes: buffering.number('max_file_size') || MAX_FILE_BYTES,
    maxBufferBytes: buffering.number('max_buffer_size'),
    fullAction: action === 'drop' || action === 'block' ? action : 'shutdown',
    cursorUpdateCount: buffering.number('cursor_update_count') || 1,
    ...(section.given('buffering') ? {} : own),
  };
}
