import { expect, onTestFinished, test } from "vitest";

import { logConsoleOutput } from "../../../src/runtime/logging/console-output.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";

test("logs console output as one line, without a stack trace", () => {
  const { console: printing } = globalThis;
  const before = { ...printing };
  onTestFinished(() => void Object.assign(printing, before));
  const log = new RecordingLog();
  logConsoleOutput(() => log);
  printing.log(new Error("None of the sentinels are available"));
  printing.warn("two\nlines", { of: "it" });
  expect(log.lines).toEqual([
    {
      level: "debug",
      message: "a library wrote to the console",
      facts: { line: "None of the sentinels are available" },
    },
    { level: "debug", message: "a library wrote to the console", facts: { line: "two" } },
  ]);
});
