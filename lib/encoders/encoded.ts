/** What an encoder makes: bytes ready for an output. */
export type Encoded = Uint8Array;
