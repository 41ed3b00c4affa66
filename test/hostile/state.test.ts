import { contain } from './arena.ts';

contain('state');
