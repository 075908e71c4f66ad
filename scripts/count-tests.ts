// Prints `N passed, N failed` for a JSON report of vitest. The exit code is 1 when
// anything failed, when nothing ran, or when the second argument says that
// another step failed already.
import { readFileSync } from 'node:fs';

interface Report {
  success: boolean;
  numPassedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const [file, failedBefore] = process.argv.slice(2);
const report = read(file);
let failed = 0;
for (const { status, assertionResults } of report?.testResults ?? []) {
  const failures = assertionResults.filter((test) => test.status === 'failed').length;
  // A file that could not even be loaded has no tests that could fail.
  failed += status === 'failed' ? Math.max(1, failures) : failures;
}
const passed = report?.numPassedTests ?? 0;
if (report === undefined) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || passed === 0 || !report?.success || failedBefore !== '0') process.exitCode = 1;

function read(path: string | undefined): Report | undefined {
  try {
    return JSON.parse(readFileSync(path ?? '', 'utf8'));
  } catch {
    return undefined;
  }
}
