import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Ends every run with one line that scripts can read: `17 passed, 0 failed, 0 skipped`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests: TestCase[] = modules.flatMap((module) => Array.from(module.children.allTests()));
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const failed = count("failed") + brokenModules + unhandledErrors.length;
    process.stdout.write(`\n${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped\n`);
  }
}
