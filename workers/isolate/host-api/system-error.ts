/**
 * Errors of the operating system as guests see them: Linux's numbers and glibc's texts, wherever the host runs.
 */

/** Node's name, the number, the text. */
const SYSTEM_ERRORS: readonly (readonly [string, number, string])[] = [
  ['EPERM', 1, 'Operation not permitted'],
  ['ENOENT', 2, 'No such file or directory'],
  ['EINTR', 4, 'Interrupted system call'],
  ['EIO', 5, 'Input/output error'],
  ['ENXIO', 6, 'No such device or address'],
  ['EBADF', 9, 'Bad file descriptor'],
  ['EAGAIN', 11, 'Resource temporarily unavailable'],
  ['ENOMEM', 12, 'Cannot allocate memory'],
  ['EACCES', 13, 'Permission denied'],
  ['EBUSY', 16, 'Device or resource busy'],
  ['EEXIST', 17, 'File exists'],
  ['EXDEV', 18, 'Invalid cross-device link'],
  ['ENODEV', 19, 'No such device'],
  ['ENOTDIR', 20, 'Not a directory'],
  ['EISDIR', 21, 'Is a directory'],
  ['EINVAL', 22, 'Invalid argument'],
  ['ENFILE', 23, 'Too many open files in system'],
  ['EMFILE', 24, 'Too many open files'],
  ['ENOTTY', 25, 'Inappropriate ioctl for device'],
  ['ETXTBSY', 26, 'Text file busy'],
  ['EFBIG', 27, 'File too large'],
  ['ENOSPC', 28, 'No space left on device'],
  ['ESPIPE', 29, 'Illegal seek'],
  ['EROFS', 30, 'Read-only file system'],
  ['EMLINK', 31, 'Too many links'],
  ['EPIPE', 32, 'Broken pipe'],
  ['ENAMETOOLONG', 36, 'File name too long'],
  ['ENOTEMPTY', 39, 'Directory not empty'],
  ['ELOOP', 40, 'Too many levels of symbolic links'],
  ['EDQUOT', 122, 'Disk quota exceeded'],
];

export type SystemErrorName = 'EACCES' | 'EBADF' | 'EINVAL' | 'EIO' | 'EMFILE' | 'ESPIPE';

const numbers = new Map(SYSTEM_ERRORS.map(([name, number]) => [name, number]));
const texts = new Map(SYSTEM_ERRORS.map(([, number, text]) => [number, text]));

/** The number of an error by its name, such as "ENOENT"; EIO for one that is not listed. */
export function errorNumber(name: string): number {
  return numbers.get(name) ?? 5;
}

/** strerror. */
export function systemErrorText(number: number): string {
  return texts.get(number) ?? `Unknown error ${number}`;
}
