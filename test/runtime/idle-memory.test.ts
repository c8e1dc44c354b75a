import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { IdleMemory } from "../../src/runtime/idle-memory.ts";

/** A program that is as busy as it is told, second by second. */
function observed() {
  let share = 0;
  const asked: boolean[] = [];
  const memory = new IdleMemory({
    utilization: () => ({ idle: 0, active: 0, utilization: share }),
    saveMemory: (isWanted) => asked.push(isWanted),
  });
  const pass = (seconds: number, busy: number): void => {
    share = busy;
    for (let second = 0; second < seconds; second += 1) memory.look();
  };
  return { memory, asked, pass };
}

describe("memory of an idle program", () => {
  test("is given back once, when the program has been quiet for 5 s", () => {
    const { asked, pass } = observed();
    pass(10, 0.9);
    pass(4, 0.05);
    expect(asked).toEqual([]);
    pass(1, 0.05);
    expect(asked).toEqual([true]);
    pass(300, 0.05);
    expect(asked).toEqual([true, false]);
    pass(1, 0.9);
    pass(60, 0);
    expect(asked).toEqual([true, false, true, false]);
  });

  test("is not saved any more as soon as there is work, nor after the end", () => {
    const { memory, asked, pass } = observed();
    pass(6, 0);
    pass(1, 0.9);
    expect(asked).toEqual([true, false]);
    pass(5, 0);
    memory[Symbol.dispose]();
    expect(asked).toEqual([true, false, true, false]);
  });

  test("really goes back to the machine", async () => {
    const module = fileURLToPath(new URL("../../src/runtime/idle-memory.ts", import.meta.url));
    const program = `
      const { IdleMemory } = await import(${JSON.stringify(module)});
      const busy = [];
      for (let each = 0; each < 100; each += 1) busy.push(Array.from({ length: 20_000 }, () => ({ at: Math.random() })));
      console.log(process.memoryUsage().rss);
      busy.length = 1;
      new IdleMemory().start();
      setInterval(() => console.log(process.memoryUsage().rss), 500);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
      // Ends the test if it never happens.
      timeout: 100_000,
    });
    const seen: number[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push(Number(line));
      if (Number(line) < Number(seen[0]) * 0.7) break;
    }
    child.kill();
    expect(seen.at(-1)).toBeLessThan(Number(seen[0]) * 0.7);
  });
});
