/**
 * Errors of sockets as LuaSocket words them: some in words of its own, the rest as the system's library does.
 */
const TEXTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EISCONN: 'already connected',
  EACCES: 'permission denied',
  ECONNREFUSED: 'connection refused',
  ECONNABORTED: 'closed',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'host or service not provided, or not known',
  EAI_NONAME: 'host or service not provided, or not known',
  EAI_NODATA: 'host or service not provided, or not known',
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
  EAI_AGAIN: 'temporary failure in name resolution',
  EAI_FAIL: 'non-recoverable failure in name resolution',
  EAI_FAMILY: 'ai_family not supported',
  EAI_MEMORY: 'memory allocation failure',
  EAI_SERVICE: 'service not supported for socket type',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EALREADY: 'Operation already in progress',
  EBADF: 'Bad file descriptor',
  EDESTADDRREQ: 'Destination address required',
  EHOSTUNREACH: 'No route to host',
  EINVAL: 'Invalid argument',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  EMSGSIZE: 'Message too long',
  ENAMETOOLONG: 'path too long',
  ENETUNREACH: 'Network is unreachable',
  ENFILE: 'Too many open files in system',
  ENOBUFS: 'No buffer space available',
  ENOENT: 'No such file or directory',
  ENOMEM: 'Cannot allocate memory',
  ENOPROTOOPT: 'Protocol not available',
  ENOTCONN: 'Transport endpoint is not connected',
  ENOTDIR: 'Not a directory',
  ENOTSOCK: 'Socket operation on non-socket',
  EOPNOTSUPP: 'Operation not supported',
  EPERM: 'Operation not permitted',
  EPROTOTYPE: 'Protocol wrong type for socket',
};

/** The text of an error by its name, such as "ECONNREFUSED". */
export function socketErrorText(code: string): string {
  return TEXTS[code] ?? code;
}
