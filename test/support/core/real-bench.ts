import { expect } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import type { Tool } from "../../../src/conversation/agent/tool.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import type { FileStore } from "../../../src/ports/file-store.ts";
import type { ImageMaker } from "../../../src/ports/image-maker.ts";
import type { Models } from "../../../src/ports/model.ts";
import type { Transcriber } from "../../../src/ports/transcriber.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../../../src/storage/stores.ts";
import { openSqliteTurnRecords } from "../../../src/storage/sqlite/sqlite-turn-records.ts";
import { filesIn } from "../every-byte.ts";
import { putEmptyDatabases } from "../sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../sqlite/threadless-archive.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { FakePlatform } from "./fake-platform.ts";
import { HandClock } from "./hand-clock.ts";
import { command, deleted, said } from "./inbounds.ts";
import { noLimits } from "./no-limits.ts";
import { openRealCore } from "./real-core.ts";
import { RecordingLog } from "./recording-log.ts";
import { ScriptedModel } from "./scripted-model.ts";
import type { SpendingLimits } from "../../../src/domain/spending-limits.ts";
import type { SettingsScope, TurnSettings } from "../../../src/domain/turn-settings.ts";

type WholeArchive = Archive & ArchivedConversations;

interface Options {
  readonly platform?: FakePlatform;
  readonly model?: ScriptedModel;
  /** Missing: `model` for every name. */
  readonly models?: Models;
  readonly contextTokens?: number;
  readonly retentionDays?: number;
  readonly limits?: SpendingLimits;
  readonly forgetUndoHours?: number;
  /** Missing: no images are made. */
  readonly imageMaker?: ImageMaker;
  /** What is set otherwise in one place, or for one person. */
  readonly changed?: (scope: SettingsScope) => Partial<TurnSettings>;
  /** Missing: those of the program. */
  readonly tools?: readonly Tool[];
  /** Missing: recordings are not transcribed. */
  readonly transcriber?: Transcriber;
  /** Missing: in memory, as `ports.files`. */
  readonly files?: FileStore;
  /** Stands between the core and its stores. */
  readonly stores?: (real: Stores) => Stores;
  /** Stands between the core and its archive. */
  readonly archive?: (real: WholeArchive) => WholeArchive;
}

interface More {
  readonly by?: string;
  readonly conversation?: ConversationKey;
  readonly place?: string;
}

const here = "fake:room:1";

async function openDatabases(dataDir: string, clock = new HandClock()) {
  const opened = new AsyncDisposableStack();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const ports = { ids, inbounds, clock, log: new RecordingLog(), listeners };
  const stores = opened.use(await openSqliteStores(dataDir, ports));
  const archive = opened.use(await openThreadlessArchive(dataDir, ports.log));
  return { stores, archive, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** The real core over real SQLite files, stepped by the test, with helpers to talk to it and inspect it. */
export async function openRealBench(options: Options = {}) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const clock = new HandClock();
  await putEmptyDatabases(folder.path);
  const { stores: realStores, archive: realArchive } = opened.use(await openDatabases(folder.path, clock));
  const records = opened.use(openSqliteTurnRecords(folder.path));
  const stores = options.stores?.(realStores) ?? realStores;
  const archive = options.archive?.(realArchive) ?? realArchive;
  const { platform = new FakePlatform(), model = new ScriptedModel() } = options;
  const { contextTokens = 4_000, retentionDays = 0, limits = noLimits, forgetUndoHours = 24 } = options;
  const given = { stores, archive, platform, model, clock };
  const changed = options.changed === undefined ? {} : { changed: options.changed };
  const models = options.models === undefined ? {} : { models: options.models };
  const tools = options.tools === undefined ? {} : { tools: options.tools };
  const transcriber = options.transcriber === undefined ? {} : { transcriber: options.transcriber };
  const files = options.files === undefined ? {} : { files: options.files };
  const core = openRealCore({
    ...given,
    ...files,
    ...transcriber,
    ...changed,
    ...models,
    ...tools,
    contextTokens,
    retentionDays,
    limits,
    forgetUndoHours,
    imageMaker: options.imageMaker,
  });
  const remembered = async (conversation: ConversationKey = here) =>
    (await realStores.memories.read(conversation, core.signal)).memory;
  const archived = (conversation: ConversationKey = here) =>
    realArchive.read({ conversation, limit: 5_000 }, core.signal);
  return {
    ...core,
    ...talkingTo(core, clock),
    stores,
    platform,
    model,
    clock,
    remembered,
    archived,
    /** The archived records of turns, newest first. */
    records: (conversation: ConversationKey = here) => records.newest(conversation, 1_000, core.signal),
    /** All that memory and archive hold of a conversation, as text. */
    known: async (conversation: ConversationKey = here) =>
      JSON.stringify([await remembered(conversation), await archived(conversation)]),
    holds: async (message: string, conversation: ConversationKey = here) =>
      (await remembered(conversation))?.messages.some(({ id }) => id === message) === true,
    find: async (words: string, place = "room") =>
      (await realArchive.search({ words, platform: "fake", places: [place], limit: 20 }, core.signal))
        .messages,
    letters: () => stores.deadLetters.list(core.signal),
    /** Every byte on the disk. */
    kept: () => filesIn(folder.path),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export type RealBench = Awaited<ReturnType<typeof openRealBench>>;

function talkingTo(core: ReturnType<typeof openRealCore>, clock: HandClock) {
  let count = 0;
  const take = async (inbound: Inbound): Promise<void> => {
    await core.accept(inbound);
    await core.settle();
  };
  const say = (id: string, text: string, more: More = {}): Promise<void> =>
    take(said(id, text, { ...more, saidAtMs: clock.nowMs() }));
  return {
    /** Accepts an inbound and runs all turns. */
    take,
    say,
    order: (name: string, argument = "", more: More = {}): Promise<void> =>
      take(command(name, argument, { ...more, saidAtMs: clock.nowMs() })),
    /** Adds small talk, summarizing and syncing along the way. */
    chat: async (messages: number, more: More = {}): Promise<void> => {
      for (let index = 0; index < messages; index += 1) {
        await say(`chat${(count += 1)}`, `chatting on and on, number ${index}, as people do`, more);
        if (count % 10 !== 0) continue;
        await core.summarizeAll();
        await core.settle();
        await core.file();
      }
    },
  };
}

/** Says something that can't be answered, and runs it until it is given up. */
export async function sayInVain(bench: RealBench, id: string, text: string): Promise<void> {
  const { platform } = bench;
  platform.before = (_what, post) => {
    const isApology = post?.text.startsWith("Sorry") === true;
    if (post?.covers.includes(id) === true && !isApology) throw new Error("boom");
  };
  await bench.say(id, text);
  const again = async (): Promise<number> => {
    await bench.take(deleted("never said"));
    return (await bench.letters()).length;
  };
  await expect.poll(again, { timeout: 60_000, interval: 1 }).toBe(1);
  platform.before = () => undefined;
}
