import { contain } from './arena.ts';

contain('loops');
