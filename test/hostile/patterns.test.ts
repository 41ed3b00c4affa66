import { contain } from './arena.ts';

contain('patterns');
