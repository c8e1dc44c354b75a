import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Names the tests that passed at their second try only, with what the first one said, and ends every run with one line
 * that scripts can read: `17 passed, 0 failed, 0 skipped`.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests: TestCase[] = modules.flatMap((module) => Array.from(module.children.allTests()));
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const failed = count("failed") + brokenModules + unhandledErrors.length;
    for (const test of tests.filter((each) => each.diagnostic()?.flaky === true)) {
      const [error] = test.result().errors ?? [];
      process.stdout.write(
        `\nPassed at the second try only: ${test.module.relativeModuleId} > ${test.fullName}\n`,
      );
      process.stdout.write(`${error?.stack ?? error?.message ?? "No error was kept"}\n`);
    }
    process.stdout.write(`\n${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped\n`);
  }
}
