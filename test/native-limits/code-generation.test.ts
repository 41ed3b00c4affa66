import { execFileSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';
import { codeFromStrings } from '../../native-limits/code-generation.ts';

t.test('whether code may be made from strings is found out by trying', (t) => {
  t.equal(codeFromStrings(), true);
  const module = path.resolve(import.meta.dirname, '../../native-limits/code-generation.ts');
  const program = `import(${JSON.stringify(module)}).then((m) => console.log(m.codeFromStrings()))`;
  const flags = ['--disallow-code-generation-from-strings', '-e', program];
  t.equal(execFileSync(process.execPath, flags, { encoding: 'utf8' }).trim(), 'false');
  t.end();
});
