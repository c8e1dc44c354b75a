import { commandRunners } from "../../../src/commands/all-commands.ts";
import { EmbeddedScheduler } from "../../../src/engine/embedded/embedded-scheduler.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import type { Stores } from "../../../src/storage/stores.ts";
import type { FakePlatform } from "./fake-platform.ts";
import { hastyClock as clock } from "./hasty-clock.ts";
import { InMemoryFiles } from "./in-memory-files.ts";
import { plainReader } from "./plain-reader.ts";
import { RecordingLog } from "./recording-log.ts";
import type { ScriptedModel } from "./scripted-model.ts";
import { ToolBox } from "../../../src/conversation/agent/tool-box.ts";
import { allTools } from "../../../src/conversation/all-tools.ts";
import { openCore } from "../../../src/conversation/open-core.ts";
import { coreSettings } from "./core-settings.ts";

interface Options {
  readonly stores: Stores;
  readonly archive: Archive & ArchivedConversations;
  readonly platform: FakePlatform;
  readonly model: ScriptedModel;
}

/** The core as one process runs it, over stores that outlive it. After a kill, its calls reach no store. */
export function startMortalProcess({ stores, archive, platform, model }: Options) {
  const life = { isDead: false };
  const mortal = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...values: unknown[]): unknown =>
          life.isDead ? new Promise(() => undefined) : Reflect.apply(member, target, values);
      },
    });
  const { inbox, journal, memories, directory, erasureRequests } = stores;
  const log = new RecordingLog();
  const scheduler = new EmbeddedScheduler({ turnsAtOnce: 50, shutdownMs: 0, log });
  const { accept, runNextTurn } = openCore(
    {
      stores: {
        ...stores,
        inbox: mortal(inbox),
        journal: mortal(journal),
        memories: mortal(memories),
        hotMemories: mortal(memories),
        directory: mortal(directory),
        erasureRequests: mortal(erasureRequests),
      },
      archive,
      files: new InMemoryFiles(clock),
      fileReader: plainReader,
      models: { named: () => mortal(model) },
      platforms: new Map([[platform.name, mortal(platform)]]),
      commands: commandRunners,
      toolBox: new ToolBox(allTools),
      runtime: {
        scheduler,
        scheduleIn: () => undefined,
        interruptions: new InProcessInterruptions(),
        requestSummary: () => undefined,
        clock: mortal(clock),
        ids,
        log,
      },
    },
    coreSettings(),
  );
  scheduler.start(runNextTurn);
  return {
    log,
    accept,
    isDead: () => life.isDead,
    kill: () => void (life.isDead = true),
    /** As the sweeper does, at start and later. */
    sweep: async (signal: AbortSignal): Promise<void> => {
      for (const conversation of await inbox.due(clock.nowMs(), signal))
        await scheduler.schedule(conversation);
    },
  };
}

export type MortalProcess = ReturnType<typeof startMortalProcess>;
