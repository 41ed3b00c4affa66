import { contain } from './arena.ts';

contain('recursion');
