import { contain } from './arena.ts';

contain('memory');
