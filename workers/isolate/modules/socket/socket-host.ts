/**
 * What the objects of the socket library share: the host's operations, the numbers of sockets, and those whose objects were
 * collected.
 */
import type { GuestValue } from '../../engine.ts';
import { HostHandles } from '../host-handles.ts';
import type { ModuleParts, ServiceValue } from '../native-module.ts';

/** What a call of the system costs. */
const CALL_CHARGE = 20;
const TOO_MANY = 'Too many open files';

/** A socket's object that the host may know by a number; it has none before it is opened and after it was closed. */
export interface Numbered {
  number: number | undefined;
}

export class SocketHost {
  readonly parts: ModuleParts;
  readonly #handles: HostHandles;

  constructor(parts: ModuleParts) {
    this.parts = parts;
    this.#handles = new HostHandles((number) => parts.host('socket.close', [number]));
  }

  ask(operation: string, ...args: ServiceValue[]): readonly ServiceValue[] {
    this.parts.memory.charge(CALL_CHARGE);
    return this.parts.host(`socket.${operation}`, args);
  }

  /** The answer of an operation that gives 1, or nothing and a text. */
  done(operation: string, ...args: ServiceValue[]): readonly GuestValue[] {
    const [first, text] = this.ask(operation, ...args);
    return first === undefined ? [undefined, text] : [1];
  }

  /** Gives the object a number; a text when there is none to be had. */
  open(object: Numbered, operation: string, ...args: ServiceValue[]): string | undefined {
    let answer = this.ask(operation, ...args);
    if (answer[1] === TOO_MANY && this.#handles.sweep()) answer = this.ask(operation, ...args);
    const [number, text] = answer;
    if (typeof number !== 'number') return String(text);
    this.adopt(object, number);
    return undefined;
  }

  /** The object stands for the host's socket of that number. */
  adopt(object: Numbered, number: number): void {
    object.number = number;
    this.#handles.add(object, number);
  }

  /** Closes it, as often as one likes. */
  close(object: Numbered): number {
    const { number } = object;
    if (number !== undefined) {
      object.number = undefined;
      this.#handles.remove(number);
      this.ask('close', number);
    }
    return 1;
  }

  /** Address, port and family of an end of a socket. */
  name(object: Numbered, which: 'local' | 'peer'): readonly GuestValue[] {
    if (object.number === undefined) return [undefined, 'Bad file descriptor'];
    return this.ask('name', object.number, which);
  }
}
