/** A JUnit report of test results, as build servers read it. */

export interface FileResult {
  readonly file: string;
  readonly tests: readonly TestResult[];
}

export interface TestResult {
  readonly name: string;
  /** Where the test begins. */
  readonly line: number;
  readonly faults: readonly string[];
  readonly seconds: number;
}

export function junitReport(files: readonly FileResult[]): string {
  const all = files.flatMap(({ tests }) => tests);
  const failed = all.filter(({ faults }) => faults.length > 0).length;
  const suites = files.map(({ file, tests }) => {
    const bad = tests.filter(({ faults }) => faults.length > 0).length;
    const cases = tests.map((test) => testCase(file, test)).join('');
    return `  <testsuite name="${escaped(file)}" tests="${tests.length}" failures="${bad}">\n${cases}  </testsuite>\n`;
  });
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites tests="${all.length}" failures="${failed}">\n${suites.join('')}</testsuites>\n`
  );
}

function testCase(file: string, { faults, line, name, seconds }: TestResult): string {
  const head = `    <testcase classname="${escaped(file)}" name="${escaped(name)}" file="${escaped(file)}" line="${line}" time="${seconds.toFixed(3)}"`;
  if (faults.length === 0) return `${head}/>\n`;
  const text = faults.join('\n');
  return `${head}>\n      <failure message="${escaped(text.split('\n')[0] ?? '')}">${escaped(text)}</failure>\n    </testcase>\n`;
}

/** XML 1.0 has no control characters but tab, newline and return. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
