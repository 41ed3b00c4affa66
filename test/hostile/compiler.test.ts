import { contain } from './arena.ts';

contain('compiler', ['compiled']);
