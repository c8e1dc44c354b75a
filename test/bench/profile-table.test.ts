import { expect, test } from "vitest";

import { ownerOfFile, profileReport, profileTable } from "../../bench/compare/profile-table.ts";

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

test("the report gives shares and time per message, and leaves out what is next to nothing", () => {
  const rows = [
    { owner: "openai", ms: 600, top: [{ name: "read", ms: 500 }] },
    { owner: "zod", ms: 399, top: [{ name: "parse", ms: 399 }] },
    { owner: "pino", ms: 1, top: [{ name: "write", ms: 1 }] },
  ];
  const report = profileReport("ours", rows, 1);
  expect(report).toContain("| openai | 60.0 % | 0.600 | `read` 50.0 % |");
  expect(report).toContain("1.00 ms per message");
  expect(report).not.toContain("pino");
});
