import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import { ArchiveError, type Archive } from "../../../src/ports/archive.ts";
import type { TurnRecords } from "../../../src/ports/turn-records.ts";
import { openSqliteTurnRecords } from "../../../src/storage/sqlite/sqlite-turn-records.ts";
import { putEmptyDatabases } from "../sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../sqlite/threadless-archive.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { FakePlatform } from "./fake-platform.ts";
import { HandClock } from "./hand-clock.ts";
import type { HotStore } from "./hot-store.ts";
import { said } from "./inbounds.ts";
import { openRealCore } from "./real-core.ts";
import { RecordingLog } from "./recording-log.ts";
import { ScriptedModel } from "./scripted-model.ts";

type WholeArchive = Archive & ArchivedConversations;

/** An archive with a switch for its outage. */
function breakable(real: WholeArchive): { readonly archivedConversations: WholeArchive; isDown: boolean } {
  const state = { archivedConversations: real, isDown: false };
  state.archivedConversations = new Proxy(real, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function" || name === "health") return member;
      return state.isDown ? () => Promise.reject(new ArchiveError("down")) : member.bind(target);
    },
  });
  return state;
}

const key: ConversationKey = "fake:room:1";
const { signal } = new AbortController();

interface Options {
  readonly model?: ScriptedModel;
  readonly contextTokens?: number;
  /** Missing: one in SQLite. Without `records`, turn records are read only there. */
  readonly openArchive?: () => Promise<
    AsyncDisposable & { readonly archive: WholeArchive; readonly records?: TurnRecords }
  >;
}

/** The real core over a hot store and an archive that the test can break. */
export async function openHotBench(open: () => Promise<HotStore>, options: Options = {}) {
  const { model = new ScriptedModel(), contextTokens = 4_000 } = options;
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await open());
  const folder = opened.use(temporaryFolder());
  await putEmptyDatabases(folder.path);
  const inSqlite = opened.use(await openThreadlessArchive(folder.path, new RecordingLog()));
  const elsewhere = await options.openArchive?.();
  if (elsewhere !== undefined) opened.use(elsewhere);
  const real = elsewhere?.archive ?? inSqlite;
  const inFile = opened.use(openSqliteTurnRecords(folder.path));
  const records = elsewhere?.records ?? inFile;
  const breaker = breakable(real);
  const platform = new FakePlatform();
  const clock = new HandClock();
  const start = () =>
    openRealCore({
      stores: hot.stores,
      archive: breaker.archivedConversations,
      platform,
      model,
      clock,
      contextTokens,
    });
  let core = start();
  const take = async (inbound: Inbound): Promise<void> => {
    await core.accept(inbound);
    await core.settle();
  };
  return {
    hot,
    archivedConversations: real,
    breaker,
    platform,
    model,
    clock,
    core: () => core,
    /** Another process takes over. */
    restart: () => void (core = start()),
    take,
    say: (id: string, text: string, more: Parameters<typeof said>[2] = {}) =>
      take(said(id, text, { saidAtMs: clock.nowMs(), ...more })),
    file: () => core.file(),
    memory: async () => (await hot.stores.memories.read(key, signal)).memory,
    rows: () => real.read({ conversation: key, limit: 1_000 }, signal),
    /** The messages that caused the turns of the archived records, sorted. */
    recorded: async () =>
      (await records.newest(key, 1_000, signal)).map(({ trigger }) => trigger ?? "").toSorted(),
    /** The archived feedback: who, verdict, reason, and the message that caused the turn; sorted. */
    rated: async () =>
      (await records.newestFeedback({ limit: 1_000 }, signal))
        .map(
          ({ author, verdict, reason = "-", record }) => `${author} ${verdict} ${reason} ${record.trigger}`,
        )
        .toSorted(),
    prompt: () => JSON.stringify(model.prompts.at(-1)?.messages),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
