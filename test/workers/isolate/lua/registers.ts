/**
 * Declares the engine's registers in this process, as an isolate's prelude does. Import it before anything of the engine.
 */
import { runInThisContext } from 'node:vm';
import { PRELUDE } from '../../../../workers/isolate/lua/prelude.ts';

runInThisContext(PRELUDE);
