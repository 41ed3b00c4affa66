import { contain } from './arena.ts';

contain('natives');
