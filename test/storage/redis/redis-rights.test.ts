import { readdirSync, readFileSync } from "node:fs";

import { createClient } from "@keyv/redis";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../../support/redis-server.ts";

/** The start fault of the bot as this user. Undefined if there is none. */
async function faultAs(server: RedisServer, ...rules: readonly string[]): Promise<string | undefined> {
  const admin = createClient({ url: server.url });
  await admin.connect();
  await admin.sendCommand(["ACL", "SETUSER", "bot", "reset", "on", ">secret", ...rules]);
  admin.destroy();
  return faultOf(server.url.replace("//", "//bot:secret@"));
}

async function faultOf(url: string): Promise<string | undefined> {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  try {
    const log = new RecordingLog();
    await using stores = await openRedisStores(url, { waitMs: 60_000, ids, inbounds, clock, log, listeners });
    return stores.health().ok ? undefined : stores.health().why;
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
}

const may = (what: string, grant: string): string =>
  `REDIS_URL: the user "bot" may not use ${what}. Grant it: ACL SETUSER bot ${grant}`;

describe.skipIf(redisIsMissing)(`a Redis user ${redisIsMissing ?? ""}`, () => {
  test("that lacks a right needed later is refused at start, with what to grant", async () => {
    await using server = await startRedisServer();
    const cases = [
      [["+@all", "~*"], may("the channels threadkeeper:*", "&threadkeeper:*")],
      [["+@all", "-@dangerous", "~*", "&*"], may("the command INFO", "+info")],
      [["+@all", "-info", "~*", "&*"], may("the command INFO", "+info")],
      [["+@all", "-@scripting", "~*", "&*"], may("the commands EVAL, EVALSHA", "+eval +evalsha")],
      [["+@all", "-@blocking", "~*", "&*"], may("the commands BZPOPMIN, XREAD", "+bzpopmin +xread")],
      [["+@all", "-@pubsub", "~*", "&*"], may("the command PUBLISH", "+publish +subscribe")],
      [["+@all", "-subscribe", "~*", "&*"], may("the command SUBSCRIBE", "+subscribe")],
      [["+@all", "~other:*", "&*"], may("the keys threadkeeper:*", "~threadkeeper:*")],
      [["+@all", "&*", "%R~*"], may("the keys threadkeeper:*", "~threadkeeper:*")],
    ] as const;
    const faults = [];
    for (const [rules] of cases) faults.push(await faultAs(server, ...rules));
    expect(faults).toEqual(cases.map(([, fault]) => fault));
  });

  test("causes an error for each command that the stores and scripts use and it may not", async () => {
    await using server = await startRedisServer();
    const folder = new URL("../../../src/storage/redis/", import.meta.url);
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(new URL(name, folder), "utf8"));
    const sent = sources.flatMap((source) =>
      [...source.matchAll(/(?:redis\.p?call\(|send\(\s*\[)"([A-Z]+)"/gu)].map(([, command = ""]) => command),
    );
    const commands = new Set(sent);
    expect(commands.size).toBeGreaterThan(20);
    // Without it the bot only omits a warning.
    commands.delete("CONFIG");
    // Without it a killed replica is noticed later.
    commands.delete("PUBSUB");
    const all = [...commands].map((command) => command.toLowerCase());
    const fault = await faultAs(server, "+@all", ...all.map((command) => `-${command}`), "~*", "&*");
    const granted = new Set(fault?.split(/[ .]/u));
    const unnoticed = all.filter((command) => !granted.has(`+${command}`));
    expect(unnoticed).toEqual([]);
  });

  test("that has only the needed commands, keys and channels is accepted", async () => {
    await using server = await startRedisServer();
    expect(await faultAs(server, "+@all", "-@dangerous", "+info", "~threadkeeper:*", "&threadkeeper:*")).toBe(
      undefined,
    );
    expect(await faultAs(server, "+@all", "-@admin", "~threadkeeper:*", "&threadkeeper:*")).toBe(undefined);
  });

  test("that loses a right while the bot runs causes an error with the command's name, without people's texts", async () => {
    await using server = await startRedisServer();
    const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
    const log = new RecordingLog();
    await using stores = await openRedisStores(server.url, {
      waitMs: 60_000,
      ids,
      inbounds,
      clock,
      log,
      listeners,
    });
    const admin = createClient({ url: server.url });
    await admin.connect();
    await admin.sendCommand(["ACL", "SETUSER", "default", "-set"]);
    admin.destroy();
    const failed = stores.replaceCookieKey(new Uint8Array(32), AbortSignal.timeout(600_000));
    await expect(failed).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^NOPERM .* run the set$/u) },
    });
  });

  test("is not blamed for a renamed command", async () => {
    await using server = await startRedisServer(
      "--rename-command",
      "INFO",
      "",
      "--rename-command",
      "CONFIG",
      "",
    );
    expect(await faultOf(server.url)).toBe(
      "REDIS_URL: this Redis does not know the command INFO, which may be renamed or disabled. Restore the original names",
    );
  });
});
