// Prints `N passed, N failed` for JSON reports of vitest: `count-tests.ts <failed before> <report> …`.
// The exit code is 1 when anything failed, when a report is missing or says that
// nothing ran, or when the first argument says that another step failed already.
import { readFileSync } from 'node:fs';

interface Report {
  success: boolean;
  numPassedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const [failedBefore, ...files] = process.argv.slice(2);
const counts = files.map((file) => countOf(read(file)));
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || files.length === 0 || counts.some((count) => count.passed === 0) || failedBefore !== '0')
  process.exitCode = 1;

function countOf(report: Report | undefined): { passed: number; failed: number } {
  if (report === undefined) return { passed: 0, failed: 1 };
  let failures = 0;
  for (const { status, assertionResults } of report.testResults) {
    const failedTests = assertionResults.filter((test) => test.status === 'failed').length;
    // A file that could not even be loaded has no tests that could fail.
    failures += status === 'failed' ? Math.max(1, failedTests) : failedTests;
  }
  // Errors outside of tests fail a run without failing a test.
  return { passed: report.numPassedTests, failed: report.success ? failures : Math.max(1, failures) };
}

function read(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
