/** A vitest reporter: at the end, every skipped test with its reason, and the counts on a line of their own. */
import type { Reporter, TestCase } from 'vitest/node';

export default class SkipsAndCounts implements Reporter {
  readonly #counts = { passed: 0, failed: 0, skipped: 0 };
  readonly #skipped: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'pending') return;
    this.#counts[result.state] += 1;
    if (result.state === 'skipped') this.#skipped.push(`${test.fullName}: ${('note' in result && result.note) || 'no reason given'}`);
  }

  onTestRunEnd(): void {
    const { passed, failed, skipped } = this.#counts;
    for (const line of this.#skipped) process.stdout.write(`skipped  ${line}\n`);
    process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}
