import { dirname } from "node:path";

import { describe, expect, test } from "vitest";

import { cycleIn, importsOfSource, isFromNpm, loadedWith, type Import } from "./support/import-graph.ts";

const core = ["async", "domain", "ports"];

/** What the files of a layer may import besides their own layer. */
const layers: Readonly<Record<string, readonly string[]>> = {
  async: [],
  domain: [],
  ports: ["domain"],
  conversation: core,
  commands: [...core, "conversation"],
  readers: core,
  runtime: core,
  engine: [...core, "runtime"],
  "models/demo": [...core, "runtime", "models"],
  "models/openai": [...core, "runtime", "models", "models/visible-text"],
  "models/visible-text": [...core, "models"],
  models: core,
  "storage/files": [...core, "runtime", "storage/records"],
  "storage/keyv": [...core, "runtime", "storage/records"],
  "storage/postgres": [...core, "runtime", "storage/records"],
  "storage/records": core,
  "storage/redis": [...core, "runtime", "storage", "storage/keyv", "storage/records"],
  "storage/sqlite": [...core, "runtime", "storage", "storage/keyv", "storage/records"],
  storage: core,
  "platforms/discord": [...core, "runtime"],
  "platforms/slack": [...core, "runtime"],
  "platforms/web": [...core, "runtime"],
  config: [...core, "conversation", "models/openai", "runtime"],
  cli: [...core, "config", "conversation", "runtime", "storage/postgres", "storage/redis", "storage/sqlite"],
};

/** The rooms of a layer, lowest first: each imports only what stands before it. "." is the layer's own folder. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  domain: ["markdown", "."],
  conversation: [
    "settings",
    "addressing",
    "async",
    "usage",
    "records",
    "text",
    "files",
    "memory",
    "inbounds",
    "command",
    "prompt",
    "agent",
    "images",
    "recall",
    "archive",
    "reply",
    "summary",
    "title",
    "description",
    "planning",
    "remembering",
    "recovery",
    "turn",
    "forgetting",
    ".",
  ],
  engine: [".", "catch-up", "embedded", "replicas", "bullmq"],
  "models/openai": [
    "api",
    "presets",
    "failure",
    "server",
    "request",
    "media",
    "chat",
    "responses",
    "stream",
    ".",
  ],
  "platforms/discord": [
    "text",
    "localization",
    "wire",
    "api",
    "access",
    "outbound",
    "inbound",
    "history",
    "connection",
    ".",
  ],
  "platforms/slack": [
    "wire",
    "text",
    "api",
    "access",
    "outbound",
    "inbound",
    "home",
    "history",
    "connection",
    ".",
  ],
  "platforms/web": ["wire", "connection", "access", "http", "files", "history", "inbound", "outbound", "."],
  readers: ["text", "audio", "office", "formats", "."],
  runtime: [".", "addresses", "fetch", "http", "logging", "rate", "threads"],
  "storage/postgres": ["database", "sealing", "archive", "files", "."],
  "storage/redis": ["commands", "connection", "lua", "stores", "."],
  "storage/sqlite": ["connection", "disk", "cleaning", "recovery", "database", "archive", "stores", "."],
};

/** The program's start and its composition root. They may import everything, and nothing imports them. */
const top = [
  "main.ts",
  "app.ts",
  "open-models.ts",
  "open-platforms.ts",
  "open-stores.ts",
  "banner.ts",
  "installations.ts",
  "web-cookie-key.ts",
];

const imports = importsOfSource();
const own = imports.filter(({ isPackage }) => !isPackage);

/** The longest name in the table that a file stands under. Undefined for the files of the composition root. */
function layerOf(file: string): string | undefined {
  return Object.keys(layers)
    .filter((layer) => file.startsWith(`${layer}/`))
    .toSorted((one, other) => other.length - one.length)
    .at(0);
}

function roomOf(layer: string, file: string): string {
  const folder = dirname(file).slice(layer.length + 1);
  return folder === "" ? "." : folder;
}

function shown({ from, to }: Import): string {
  return `${from} → ${to}`;
}

/** Whether the two tables allow an import. */
function isAllowed({ from, to }: Import): boolean {
  const layer = layerOf(from);
  const target = layerOf(to);
  if (layer === undefined) return true;
  if (target === undefined) return false;
  if (layer !== target) return (layers[layer] ?? []).includes(target);
  const order = rooms[layer] ?? ["."];
  return order.indexOf(roomOf(layer, to)) <= order.indexOf(roomOf(layer, from));
}

describe("the imports of the source", () => {
  test("follow the table of layers and rooms", () => {
    expect(own.length).toBeGreaterThan(1_000);
    expect(own.filter((each) => !isAllowed(each)).map(shown)).toEqual([]);
  });

  test("form no cycle", () => {
    expect(cycleIn(imports)).toBe(undefined);
  });

  test("list each folder in the tables, and the tables list no other", () => {
    const files = [...new Set(own.flatMap(({ from, to }) => [from, to]))];
    const found = files.map((file) => {
      const layer = layerOf(file);
      return layer === undefined ? file : `${layer}:${roomOf(layer, file)}`;
    });
    const known = Object.keys(layers).flatMap((layer) =>
      (rooms[layer] ?? ["."]).map((room) => `${layer}:${room}`),
    );
    expect(new Set(found)).toEqual(new Set([...known, ...top]));
  });

  test.each(["async", "domain", "ports", "conversation", "commands"])("bring no package into %s", (layer) => {
    // A plain data structure, which does nothing by itself.
    const isExcepted = ({ to }: Import): boolean => layer === "conversation" && to === "lru-cache";
    const packages = imports.filter(
      (each) => each.isPackage && each.from.startsWith(`${layer}/`) && !isExcepted(each),
    );
    expect(packages.map(shown)).toEqual([]);
  });

  test("leave a platform's packages to its own folder", () => {
    const theirs = /^(?:@slack\/|discord\.js|@discordjs\/|ws$)/u;
    const elsewhere = imports.filter(
      (each) => isFromNpm(each) && theirs.test(each.to) && !each.from.startsWith("platforms/"),
    );
    expect(elsewhere.map(shown)).toEqual([]);
  });
});

describe("a platform can be removed with its folder:", () => {
  test.each(["platforms/discord", "platforms/slack", "platforms/web"])(
    "without %s only the composition root is incomplete",
    (platform) => {
      const broken = own.filter(({ from, to }) => layerOf(to) === platform && layerOf(from) !== platform);
      expect(broken.length).toBeGreaterThan(0);
      expect([...new Set(broken.map(({ from }) => from))]).toEqual(["open-platforms.ts"]);
    },
  );
});

describe("what few bots need takes no memory of the others:", () => {
  test("a start loads no code that a setting turns on", () => {
    // What is known of servers of models is a part of the settings.
    const optional =
      /^(?:storage\/(?:files|postgres|redis|sqlite)|platforms\/(?:discord|slack)|models\/openai\/(?!presets))\/|^(?:@keyv\/redis|@slack\/.*|bullmq|discord\.js|ioredis|openai|pg|undici)$/u;
    const loaded = loadedWith("main.ts");
    expect(loaded).toContain("platforms/web/web-platform.ts");
    expect([...loaded].filter((each) => optional.test(each))).toEqual([]);
  });

  test("Slack over HTTP loads neither Socket Mode nor the index of Bolt", () => {
    const socketMode = "platforms/slack/connection/socket-receiver.ts";
    expect(loadedWith(socketMode)).toContain("@slack/bolt");
    const loaded = loadedWith("platforms/slack/open-slack.ts");
    expect(loaded).toContain("platforms/slack/connection/http-receiver.ts");
    expect([...loaded].filter((each) => each === "@slack/bolt" || each === socketMode)).toEqual([]);
  });
});

test("a tool can be removed with its file: only the list of tools is incomplete", () => {
  const users = own.filter(({ to }) => to === "conversation/recall/recall-tool.ts");
  expect(users.map(({ from }) => from)).toEqual(["conversation/all-tools.ts"]);
  const lists = own.filter(({ to }) => to === "conversation/all-tools.ts");
  expect(lists.map(({ from }) => from)).toEqual(["app.ts"]);
});

describe("a forbidden import", () => {
  test.each([
    ["up a layer", "domain/turn.ts", "ports/inbox.ts"],
    ["up a room", "conversation/text/truncate.ts", "conversation/planning/plan-turn.ts"],
    ["from one platform to another", "platforms/slack/open-slack.ts", "platforms/web/web-platform.ts"],
    ["from an adapter into the core", "storage/records/entry-id.ts", "conversation/accept.ts"],
    ["back to the composition root", "commands/help.ts", "app.ts"],
  ])("%s is refused", (_, from, to) => {
    expect(isAllowed({ from, to, isPackage: false })).toBe(false);
  });

  test("in a cycle is found", () => {
    const arrow = (from: string, to: string): Import => ({ from, to, isPackage: false });
    expect(cycleIn([arrow("a", "b"), arrow("b", "c"), arrow("c", "b")])).toEqual(["b", "c", "b"]);
  });
});
