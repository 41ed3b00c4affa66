/** Where preserved states live. */
export interface StateKeeper {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, state: Uint8Array): Promise<void>;
}
