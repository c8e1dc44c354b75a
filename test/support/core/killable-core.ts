import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import type { ImageMaker } from "../../../src/ports/image-maker.ts";
import type { Model } from "../../../src/ports/model.ts";
import type { FileStore } from "../../../src/ports/file-store.ts";
import type { Transcriber } from "../../../src/ports/transcriber.ts";
import type { Stores } from "../../../src/storage/stores.ts";
import type { FakePlatform } from "./fake-platform.ts";
import { openRealCore } from "./real-core.ts";

interface Ports {
  readonly stores: Stores;
  readonly archive: Archive & ArchivedConversations;
  readonly platform: FakePlatform;
  readonly model: Model;
  /** Missing: no images are made. */
  readonly imageMaker?: ImageMaker;
  readonly clock: Clock;
  /** Missing: recordings are not transcribed. */
  readonly transcriber?: Transcriber;
  /** Missing: in memory, for this process alone. */
  readonly files?: FileStore;
}

const never = new Promise<never>(() => undefined);
/** Answered at once, without a store or a platform. */
const local: ReadonlySet<string> = new Set([
  "permalinkOf",
  "installationOf",
  "countTokens",
  "turnFinished",
  "isFor",
]);

/**
 * The core as one process runs it, which dies before a given one of its calls to a store, the archive, the platform or the
 * model (from 0). After that, none of its calls gets through. What is stored outlives it.
 */
export function openKillableCore(
  { stores: all, archive, platform, model, imageMaker, clock, transcriber, files }: Ports,
  diesBefore = Infinity,
) {
  let lastCall = diesBefore;
  // A process that is dead has no more to do when its store is back.
  const { onBack: _onBack, ...stores } = all;
  const calls: string[] = [];
  const death = Promise.withResolvers<"killed">();
  let isDead = false;
  const lives = (call: string): boolean => {
    if (!isDead && calls.length >= lastCall) {
      isDead = true;
      death.resolve("killed");
    }
    if (!isDead) calls.push(call);
    return !isDead;
  };
  const mortal = <T extends object>(target: T, port: string): T =>
    new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name);
        if (name === "sharedFiles" && typeof member === "object" && member !== null)
          return mortal(member, "sharedFiles");
        if (typeof member !== "function" || local.has(String(name))) return member;
        return (...values: unknown[]): unknown =>
          lives(`${port}.${String(name)}`) ? Reflect.apply(member, target, values) : never;
      },
    });
  const { answer } = model;
  const mortalModel: Model = {
    ...model,
    countTokens: model.countTokens,
    answer: async function* (...given: Parameters<Model["answer"]>) {
      if (!lives("model.answer")) await never;
      for await (const output of answer(...given)) yield isDead ? await never : output;
    },
  };
  const { inbox, journal, memories, directory, eviction, outbox, archivedMarks, deadLetters } = stores;
  const { erasureRequests, delayedErasures, confirmations, preferences, usage } = stores;
  const core = openRealCore({
    stores: {
      ...stores,
      inbox: mortal(inbox, "inbox"),
      journal: mortal(journal, "journal"),
      memories: mortal(memories, "memories"),
      directory: mortal(directory, "directory"),
      eviction: mortal(eviction, "eviction"),
      outbox: mortal(outbox, "outbox"),
      archivedMarks: mortal(archivedMarks, "archivedMarks"),
      deadLetters: mortal(deadLetters, "deadLetters"),
      erasureRequests: mortal(erasureRequests, "erasureRequests"),
      delayedErasures: mortal(delayedErasures, "delayedErasures"),
      confirmations: mortal(confirmations, "confirmations"),
      preferences: mortal(preferences, "preferences"),
      usage: mortal(usage, "usage"),
    },
    archive: mortal(archive, "archive"),
    platform: mortal(platform, "platform"),
    model: mortalModel,
    ...(transcriber === undefined ? {} : { transcriber: mortal(transcriber, "transcriber") }),
    ...(files === undefined ? {} : { files: mortal(files, "files") }),
    imageMaker: imageMaker && mortal(imageMaker, "imageMaker"),
    contextTokens: 4_000,
    clock,
  });
  const untilDeath = async (work: Promise<unknown>): Promise<boolean> =>
    (await Promise.race([work, death.promise])) !== "killed";
  return {
    ...core,
    /** What it called, in order. */
    calls,
    isDead: (): boolean => isDead,
    /** It dies after so many more calls. */
    dieAfter: (more: number): void => {
      lastCall = calls.length + more;
    },
    /** False: it died before it had stored it. */
    accept: (inbound: Inbound): Promise<boolean> => untilDeath(core.accept(inbound)),
    /** False: it died. */
    settle: (): Promise<boolean> => untilDeath(core.settle()),
    /** Describes the images that are to be described. False: it died. */
    describeAll: (): Promise<boolean> => untilDeath(core.describeAll()),
    /** Brings what is new into the archive. False: it died. */
    file: (): Promise<boolean> => untilDeath(core.file()),
    /** Continues what another process left, as the sweeper does. False: it died. */
    sweep: async (conversations: readonly ConversationKey[]): Promise<boolean> => {
      for (const each of conversations) if (!(await untilDeath(core.schedule(each)))) return false;
      return true;
    },
  };
}
