import { globSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { expiringCache } from "../../../src/runtime/expiring-cache.ts";
import { growingCache } from "../../../src/runtime/growing-cache.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";

test.each([
  ["growing", () => growingCache<number>(10_000)],
  ["expiring", () => expiringCache<number>({ clock, ttlMs: 60_000, max: 10_000 })],
])("200 open workspaces take no room for what their %s caches may hold", (_, open) => {
  const before = process.memoryUsage();
  const caches = Array.from({ length: 200 }, open);
  const after = process.memoryUsage();
  const held = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  // Taken at once, it is 50 MiB.
  expect(held / 2 ** 20).toBeLessThan(10);
  expect(caches).toHaveLength(200);
});

test("a growing cache holds the entries used last", () => {
  const cache = growingCache<number>(3);
  for (const key of ["a", "b", "c"]) cache.set(key, 1);
  cache.get("a");
  cache.set("b", 2).set("d", 1).set("e", 1);
  expect([...cache.entries()]).toEqual([
    ["e", 1],
    ["d", 1],
    ["b", 2],
  ]);
});

test("every workspace has caches of these two kinds only", () => {
  const files = globSync("src/platforms/slack/**/*.ts");
  expect(files.length).toBeGreaterThan(50);
  const others = files.filter((file) => readFileSync(file, "utf8").includes("new LRUCache"));
  // There is one list of workspaces.
  expect(others).toEqual(["src/platforms/slack/slack-workspaces.ts"]);
});
