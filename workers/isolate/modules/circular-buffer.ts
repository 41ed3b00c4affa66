/** The circular_buffer module under its former path; new code imports circular-buffer/module.ts. */
export { type CircularBufferOptions, circularBufferModule } from './circular-buffer/module.ts';
