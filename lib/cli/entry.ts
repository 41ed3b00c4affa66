/**
 * The process's edge: started by bin/launch.js with the program's name as the first argument. Nothing else reads
 * process.argv or sets the exit code.
 */
import { main } from './main.ts';
import { processIo } from './process-io.ts';

const [program = 'hekate', ...args] = process.argv.slice(2);
const { io, close } = processIo();
process.exitCode = await main(program, args, io);
close();
