import { contain } from './arena.ts';

contain('source');
