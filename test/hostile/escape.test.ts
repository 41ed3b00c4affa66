import { contain } from './arena.ts';

contain('escape');
