import { contain } from './arena.ts';

contain('results');
