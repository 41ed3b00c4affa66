import { contain } from './arena.ts';

contain('limits');
