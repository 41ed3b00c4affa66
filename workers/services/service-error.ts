/** How operations of services fail: what the guest is told, and what its runtime is asked for. */

/** The guest gets this text as an ordinary error. */
export class ServiceError extends Error {}

/** The operation would have to wait. It changed nothing, and is asked for again when the guest handed over what it has. */
export class WaitFirst extends Error {}
