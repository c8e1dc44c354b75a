import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import type { FileRef } from "../../src/domain/file-ref.ts";
import type { Message } from "../../src/domain/message.ts";
import type { Inbound, Said } from "../../src/domain/inbound.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import type { ArchivedConversations } from "../../src/ports/archived-conversations.ts";
import type { Archive } from "../../src/ports/archive.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../../src/storage/stores.ts";
import { command, edited, rated, said } from "../support/core/inbounds.ts";
import { everyLineOf, isSummaryRequest } from "../support/core/looker.ts";
import { openRealCore } from "../support/core/real-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { isTitling, TitlingPlatform } from "../support/core/titling.ts";
import { everythingIn, filesIn, archivedIn } from "../support/every-byte.ts";
import { pngFile } from "../support/files/image-files.ts";
import { postgresArchives } from "../support/postgres/postgres-archive.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { putEmptyDatabases } from "../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const secret = "swordfish-4711";
const conversations = ["fake:room:1", "fake:room:2"] as const;

/** An action of a person. `at`: index of the conversation. */
interface Action {
  readonly kind: "chat" | "secret" | "look" | "reset" | "undo" | "summary";
  readonly at: 0 | 1;
  readonly by: "ada" | "bob";
}

/** A step before or after the erasure. */
type Step = Action | { readonly kind: "settle" | "fold" | "title" | "describe" | "file" | "rate" };

const at = fc.constantFrom<(0 | 1)[]>(0, 1);
const by = fc.constantFrom<("ada" | "bob")[]>("ada", "bob");
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("chat" as const), at, by }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("secret" as const), at, by: fc.constant("ada" as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("look" as const, "summary" as const), at, by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("reset" as const, "undo" as const), at, by }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step[]>(
      { kind: "settle" },
      { kind: "fold" },
      { kind: "title" },
      { kind: "describe" },
      { kind: "file" },
    ),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: "rate" }) },
);
/** How the secret is erased. */
const way = fc.constantFrom("deleted", "edited", "forget me", "forget this");
const anyHistory = fc.record({
  before: fc.array(step, { minLength: 3, maxLength: 40 }),
  way,
  after: fc.array(
    step.filter(({ kind }) => kind !== "secret" && kind !== "rate"),
    { maxLength: 8 },
  ),
});

/** Quotes its whole prompt, and calls recall when the last message says LOOK. */
function quoter(): ScriptedModel {
  const model = new ScriptedModel(async function* (prompt) {
    const { messages, calls = [] } = prompt;
    const all = [...messages.map(({ text }) => text), ...calls.map(({ result }) => result)].join(" / ");
    if (prompt.purpose === "description") yield `A sign that says ${secret}`;
    else if (isTitling(prompt)) yield all.includes(secret) ? `About ${secret}` : "About tickets";
    else yield isSummaryRequest(prompt) ? everyLineOf(all) : `I was told: ${all}`;
  });
  model.calls = ({ messages, calls = [] }) =>
    calls.length === 0 && messages.at(-1)?.text.includes("LOOK") === true
      ? [{ id: "1", name: "recall", argument: JSON.stringify({ words: "my secret is" }) }]
      : [];
  return model;
}

class ForgetfulPlatform extends TitlingPlatform {
  /** Nothing to backfill. */
  readonly earlier = async (): Promise<readonly Message[]> => [];

  readonly readFile = async ({ id }: FileRef): Promise<Uint8Array<ArrayBuffer>> => {
    const text = `My secret is ${secret}, in a file`;
    return new Uint8Array(
      id.startsWith("image") ? Buffer.concat([pngFile(9, 9), Buffer.from(text)]) : Buffer.from(text),
    );
  };
}

interface Opened {
  readonly stores: Stores;
  readonly archive: Archive & ArchivedConversations;
  /** Every stored byte. */
  readonly kept: () => Promise<string>;
}

let count = 0;

async function play(
  { stores, archive, kept }: Opened,
  history: typeof anyHistory extends fc.Arbitrary<infer T> ? T : never,
) {
  const platform = new ForgetfulPlatform();
  const model = quoter();
  const core = openRealCore({ stores, archive, platform, model, contextTokens: 700, forgetUndoHours: 0 });
  const secrets: { readonly id: string; readonly at: 0 | 1 }[] = [];
  const take = async (each: Step): Promise<void> => {
    if (each.kind === "settle") return core.settle();
    if (each.kind === "fold") return core.summarizeAll();
    if (each.kind === "title") return core.titleAll();
    if (each.kind === "describe") return core.describeAll();
    if (each.kind === "file") return core.file();
    if (each.kind === "rate") return rate();
    if ("at" in each) await core.accept(inboundOf(each, secrets));
    return undefined;
  };
  /** Ada says what is wrong with the answer to a secret of hers. It is her text, so an edit of the question leaves it. */
  const rate = async (): Promise<void> => {
    await core.settle();
    for (const { id, at: where } of secrets.toReversed()) {
      const conversation = conversations[where];
      const { memory } = await stores.memories.read(conversation, core.signal);
      const turn = memory?.messages.find(({ answers }) => answers.includes(id))?.turnId;
      const reason = history.way === "edited" ? "wrong" : `it told ${secret}`;
      if (turn === undefined) continue;
      await core.accept(rated(turn, "down", { conversation, reason }));
      await core.settle();
      if (secrets.length % 2 === 1) await core.file();
      return;
    }
  };
  for (const each of history.before) await take(each);
  for (const inbound of erasuresFor(history.way, secrets)) await core.accept(inbound);
  for (const each of history.after) await take(each);
  await core.rest();
  expect((await kept()).includes(secret)).toBe(false);
  const prompts = model.prompts.length;
  for (const conversation of conversations)
    await core.accept(said(`last${count}`, "LOOK: what do you know?", { conversation }));
  await core.rest();
  expect(JSON.stringify(model.prompts.slice(prompts))).not.toContain(secret);
  // After /forget the chat keeps its messages, and our answers beside them.
  const mayStayVisible = history.way.startsWith("forget");
  expect(mayStayVisible || !platform.shown.join("\n").includes(secret)).toBe(true);
  expect(JSON.stringify(core.log.lines)).not.toContain(secret);
}

function inboundOf(each: Action, secrets: { id: string; at: 0 | 1 }[]): Inbound {
  const id = `m${(count += 1)}`;
  const conversation = conversations[each.at];
  const more = { conversation, by: each.by, addressing: "mention" } as const;
  switch (each.kind) {
    case "secret":
      secrets.push({ id, at: each.at });
      // In the text, in a file, or in an image.
      return count % 3 === 0
        ? said(id, `My secret is ${secret}, ticket ${count}`, more)
        : withFile(said(id, `See ticket ${count}`, more), id);
    case "chat":
      return said(id, `Chatting about ticket ${count} with Bert ${"la ".repeat(count % 9)}`, more);
    case "look":
      return said(id, "LOOK it up", more);
    case "reset":
      return command("reset", "yes", { conversation });
    case "undo":
      return command("reset", "undo", { conversation });
    case "summary":
      return command("summary", "share", { conversation });
  }
}

function withFile(inbound: Said, id: string): Said {
  const of = count % 3 === 1 ? `image ${id}` : id;
  const attachments = [{ name: "plan", ref: { platform: "fake", id: of } }];
  return { ...inbound, message: { ...inbound.message, attachments } };
}

function erasuresFor(
  how: string,
  secrets: readonly { readonly id: string; readonly at: 0 | 1 }[],
): readonly Inbound[] {
  const base = { platform: "fake", place: "room" } as const;
  if (how === "deleted") {
    return secrets.map(({ id, at: where }) => {
      const conversation = conversations[where];
      return { ...base, kind: "deleted", dedupeId: `bye${id}`, conversation, message: id };
    });
  }
  if (how === "edited")
    return secrets.map(({ id, at: where }) => ({
      ...edited(id, "nothing", { conversation: conversations[where] }),
      attachments: [],
    }));
  if (how === "forget me") return [command("forget", "me yes", { conversation: "fake:room:1" })];
  return conversations.map((conversation) => command("forget", "this yes", { conversation }));
}

const listeners = () => ({
  interruptions: new InProcessInterruptions(),
  broadcast: new InProcessBroadcast(),
});
const ports = () => ({ ids, inbounds, clock, log: new RecordingLog(), listeners: listeners() });
const patience = 900_000;
/** Every run plays the same histories; SEED=any plays others. */
const seed = Number(process.env["SEED"] ?? 1) || Date.now();

describe("a secret that the model quoted, and that was then deleted, edited away or erased", () => {
  test(
    "is in no byte of the SQLite files, in no later prompt, and in no log",
    async () => {
      const holds = fc.asyncProperty(anyHistory, async (history) => {
        using folder = temporaryFolder();
        await putEmptyDatabases(folder.path);
        await using stores = await openSqliteStores(folder.path, ports());
        await using archive = await openThreadlessArchive(folder.path, new RecordingLog());
        await play({ stores, archive, kept: async () => filesIn(folder.path) }, history);
      });
      expect(fc.defaultReportMessage(await fc.check(holds, { numRuns: 15, seed }))).toBeUndefined();
    },
    patience,
  );

  describe.skipIf(redisIsMissing ?? postgresIsMissing)(
    `with Redis and Postgres ${redisIsMissing ?? postgresIsMissing ?? ""}`,
    () => {
      let server: RedisServer;
      let runs = 0;
      const openArchive = postgresArchives();
      beforeAll(async () => {
        server = await startRedisServer("--databases", "200", "--aof-use-rdb-preamble", "no");
      });
      afterAll(() => server[Symbol.asyncDispose]());

      test(
        "is in no key of Redis, no byte of its rewritten log, and no row of Postgres",
        async () => {
          const holds = fc.asyncProperty(anyHistory, async (history) => {
            const url = `${server.url}/${(runs += 1)}`;
            // A new database: the next history's posts have the same ids.
            await using opened = await openArchive();
            await using stores = await openRedisStores(url, { ...ports(), waitMs: 60_000 });
            const kept = async (): Promise<string> =>
              `${await everythingIn({ ...server, url })}\n${await archivedIn(opened.url)}`;
            await play({ stores, archive: opened.archive, kept }, history);
          });
          expect(fc.defaultReportMessage(await fc.check(holds, { numRuns: 8, seed }))).toBeUndefined();
        },
        patience,
      );
    },
  );
});

test("the edit of an old message does not outlast its author's erasure, even if both reach the archive at once", async () => {
  using folder = temporaryFolder();
  await using stores = await openSqliteStores(folder.path, ports());
  await using archive = await openThreadlessArchive(folder.path, new RecordingLog());
  const platform = new ForgetfulPlatform();
  const core = openRealCore({ stores, archive, platform, model: quoter(), contextTokens: 700 });
  const remembered = async () =>
    JSON.stringify((await stores.memories.read(conversations[0], core.signal)).memory);
  await core.accept(said("old", "my first message", { by: "ada" }));
  await core.rest();
  for (let index = 0; index < 40; index += 1)
    await core.accept(said(`later${index}`, `more of it ${"and so on ".repeat(20)}`, { by: "bob" }));
  await core.rest();
  expect(await remembered()).not.toContain("my first message");
  await core.accept(edited("old", `it is ${secret}`));
  await core.settle();
  await core.accept(command("forget", "me yes", { by: "ada" }));
  await core.settle();
  const forgetting = core.forget();
  const settling = setInterval(() => void core.settle(), 20);
  await forgetting;
  clearInterval(settling);
  await core.settle();
  expect(await remembered()).toContain(secret);
  await core.file();
  await core.settle();
  expect(await remembered()).not.toContain(secret);
});
