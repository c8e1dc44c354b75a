import { expect, onTestFinished, test } from "vitest";

import { logLibraryPrints } from "../../../src/runtime/logging/library-prints.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";

test("what a library prints is one line of the log, without a stack trace", () => {
  const { console: printing } = globalThis;
  const before = { ...printing };
  onTestFinished(() => void Object.assign(printing, before));
  const log = new RecordingLog();
  logLibraryPrints(() => log);
  printing.log(new Error("None of the sentinels are available"));
  printing.warn("two\nlines", { of: "it" });
  expect(log.lines).toEqual([
    {
      level: "debug",
      message: "a library prints",
      facts: { line: "None of the sentinels are available" },
    },
    { level: "debug", message: "a library prints", facts: { line: "two" } },
  ]);
});
