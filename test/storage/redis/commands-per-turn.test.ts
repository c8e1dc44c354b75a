import { expect, test } from "vitest";

import { commandsDuring } from "../../../bench/compare/redis-counters.ts";
import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { said } from "../../support/core/inbounds.ts";
import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { openRealCore } from "../../support/core/real-core.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { redisIsMissing, startRedisServer } from "../../support/redis-server.ts";

/** The most that an ordinary turn may take. What is shared by many turns comes on top: rates, spending, the archive. */
const most = { calls: 5, commands: 37 };

test.skipIf(redisIsMissing)(
  `an ordinary turn takes few commands and calls of Redis ${redisIsMissing ?? ""}`,
  async () => {
    await using server = await startRedisServer();
    const log = new RecordingLog();
    const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
    const ports = { waitMs: 60_000, ids, inbounds, clock, log, listeners };
    await using stores = await openRedisStores(server.url, ports);
    const platform = new FakePlatform({ placeholder: "…" });
    const archive = new InMemoryArchive();
    const core = openRealCore({
      stores,
      archive,
      platform,
      model: new ScriptedModel(),
      contextTokens: 4_000,
    });
    const turn = async (id: string, conversation: `fake:room:${number}`): Promise<void> => {
      await core.accept(said(id, `question ${id}`, { conversation }));
      await core.settle();
    };
    /** Of the second turn of a conversation. */
    const counted = async (room: number): Promise<{ readonly calls: number; readonly commands: number }> => {
      await turn(`a${room}`, `fake:room:${room}`);
      const all = await commandsDuring(server.url, () => turn(`b${room}`, `fake:room:${room}`));
      // The connections are watched all the time.
      const commands = all.filter(
        ({ words: [name = "", key = ""] }) => name !== "PING" && name !== "XREAD" && !key.endsWith(":probe"),
      );
      return {
        calls: commands.filter(({ isInScript }) => !isInScript).length,
        commands: commands.length,
      };
    };
    let count = await counted(1);
    let rooms = 1;
    // A turn that a busy machine draws out takes more: it renews its lease. The same in another conversation tells.
    while (count.commands > most.commands && rooms < 4) count = await counted((rooms += 1));
    expect(platform.shown).toHaveLength(2 * rooms);
    expect(count.calls).toBeLessThanOrEqual(most.calls);
    expect(count.commands).toBeLessThanOrEqual(most.commands);
  },
);
