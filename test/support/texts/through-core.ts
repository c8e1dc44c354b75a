import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { createDemoModel } from "../../../src/models/demo/demo-model.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { openSqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";
import { FakePlatform } from "../core/fake-platform.ts";
import { command, deleted, edited, said } from "../core/inbounds.ts";
import { openRealCore } from "../core/real-core.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { stopsOf, type Stops } from "../loop-stops.ts";

/** What each step of a text's life cost. */
export interface Step extends Stops {
  readonly name: string;
}

/** The whole core on SQLite with the demo model, to run a text through every step of its life. */
export async function openLife(folder: string) {
  const opened = new AsyncDisposableStack();
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const stores = opened.use(await openSqliteStores(folder, { ids, inbounds, log, listeners }));
  const archive = opened.use(await openSqliteArchive(folder, { log }));
  const model = createDemoModel({ pieceDelayMs: 0 });
  const core = openRealCore({ stores, archive, platform: new FakePlatform(), model, contextTokens: 16_000 });
  const does = async (each: Inbound): Promise<void> => {
    await core.accept(each);
    await core.settle();
  };
  /** Says, commands, syncs, summarizes, searches, shows, exports, edits and deletes a text, in its own conversation. */
  const livesOf = (text: string, conversation: ConversationKey) => {
    const where = { conversation };
    return [
      ["saying", () => does(said("m1", text, where))],
      ["ordering", () => does(said("m2", `recall ${text}`, where))],
      ["saying more", () => does(said("m3", text, where))],
      ["saying more", () => does(said("m4", text, where))],
      ["filing", () => core.file()],
      ["folding", () => core.summarizeAll()],
      ["taking the fold", () => core.settle()],
      ["/recall", () => does(command("recall", text, where))],
      ["/summary", () => does(command("summary", "", where))],
      ["/export", () => does(command("export", "", where))],
      ["editing", () => does(edited("m1", `${text}.`, where))],
      ["deleting", () => does(deleted("m3", where))],
      ["filing changes", () => core.file()],
    ] as const;
  };
  return {
    live: async (text: string, conversation: ConversationKey): Promise<readonly Step[]> => {
      const steps: Step[] = [];
      for (const [name, step] of livesOf(text, conversation)) steps.push({ name, ...(await stopsOf(step)) });
      return steps;
    },
    stores,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
