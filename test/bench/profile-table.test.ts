import { expect, test } from "vitest";

import { profileReport } from "../../bench/compare/profile-report.ts";
import { hotSpots, ownerOfFile, profileTable } from "../../bench/compare/profile-table.ts";

const node = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
});

test("self time is added up by package, and a function of V8 counts for its caller", () => {
  const profile = {
    nodes: [
      node(1, "(root)", "", [2, 4, 5, 6]),
      node(2, "send", "file:///a/node_modules/@slack/web-api/dist/client.js", [3]),
      node(3, "parse", ""),
      node(4, "(garbage collector)", ""),
      node(5, "(idle)", ""),
      node(6, "", "file:///a/src/storage/redis/stores/redis-journal.ts"),
    ],
    samples: [2, 3, 3, 4, 5, 6],
    timeDeltas: [1_000, 2_000, 2_000, 3_000, 50_000, 4_000],
  };
  expect(profileTable([profile, profile])).toEqual([
    {
      owner: "@slack/web-api",
      ms: 10,
      top: [
        { name: "parse", ms: 8 },
        { name: "send", ms: 2 },
      ],
    },
    { owner: "src/storage/redis", ms: 8, top: [{ name: "(anonymous)", ms: 8 }] },
    { owner: "garbage collection", ms: 6, top: [{ name: "(garbage collector)", ms: 6 }] },
  ]);
});

test("a file belongs to its innermost package, to a room of ours, or to a part of Node", () => {
  const owners = {
    "file:///a/node_modules/bullmq/node_modules/ioredis/built/Redis.js": "ioredis",
    "file:///a/src/app.ts": "src/app.ts",
    "file:///a/src/engine/sweeper.ts": "src/engine",
    "file:///a/src/platforms/slack/api/slack-api.ts": "src/platforms/slack",
    "node:internal/deps/undici/undici": "node: undici",
    "node:internal/streams/readable": "node: streams",
    "node:internal/abort_controller": "node: aborts and events",
    "node:buffer": "node: the rest",
    "file:///a/bench/compare/contestants/packages.ts": "the contestant itself",
    "file:///a/bench/compare/probe.ts": "the rest",
  };
  for (const [url, owner] of Object.entries(owners)) expect(ownerOfFile(url)).toBe(owner);
});

test("the functions with most self time are told with their lines, those of V8 with their callers", () => {
  const line = {
    functionName: "read",
    url: "file:///a/node_modules/openai/core/streaming.mjs",
    lineNumber: 41,
  };
  const profile = {
    nodes: [
      node(1, "(root)", "", [2, 3]),
      { id: 2, callFrame: line, children: [4] },
      node(3, "send", "file:///a/src/runtime/http/send.ts"),
      node(4, "parse", ""),
    ],
    samples: [2, 3, 4],
    timeDeltas: [3_000, 1_000, 2_000],
  };
  expect(hotSpots([profile, profile], 2)).toEqual([
    { name: "read", place: "openai/core/streaming.mjs:42", owner: "openai", ms: 6 },
    { name: "parse", place: "", owner: "openai", ms: 4 },
  ]);
  expect(hotSpots([profile]).at(-1)?.place).toBe("src/runtime/http/send.ts:1");
});

test("the report gives shares and time per message, and leaves out what is next to nothing", () => {
  const profile = {
    nodes: [
      node(1, "(root)", "", [2, 3, 4]),
      node(2, "read", "file:///a/node_modules/openai/core.mjs"),
      node(3, "parse", "file:///a/node_modules/zod/core.js"),
      node(4, "write", "file:///a/node_modules/pino/pino.js"),
    ],
    samples: [2, 3, 4],
    timeDeltas: [600_000, 399_000, 1_000],
  };
  const report = profileReport("ours", [profile], 1);
  expect(report).toContain("| openai | 60.0 % | 0.600 | `read` 60.0 % |");
  expect(report).toContain("| `parse` | 39.9 % | 0.399 | zod/core.js:1 |");
  expect(report).toContain("1.00 ms per message");
  expect(report).not.toContain("| pino |");
});
