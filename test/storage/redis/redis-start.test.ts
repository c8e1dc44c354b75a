import { createClient } from "@keyv/redis";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import { makeCertificate, opensslIsMissing } from "../../support/certificate.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { freePort, redisIsMissing, startRedisServer } from "../../support/redis-server.ts";
import { openRewritingWay } from "../../support/rewriting-way.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { strayErrors } from "../../support/stray-errors.ts";

function open(url: string, log: RecordingLog, waitMs = 5_000) {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  return openRedisStores(url, { waitMs, ids: randomIds, inbounds, clock, log, listeners });
}

/** The start fault, and all log lines before it. */
async function faultOf(
  url: string,
  waitMs = 5_000,
): Promise<{ readonly fault: string; readonly logged: readonly unknown[] }> {
  const log = new RecordingLog();
  const opening = open(url, log, waitMs);
  const fault = await opening.then(
    () => "none",
    (error: unknown) => String(error),
  );
  return { fault, logged: log.lines };
}

const waited = [
  { level: "info", message: "Redis can't be reached yet; waiting for it", facts: { waitMs: 5_000 } },
];
const advice = "Is it running, and are the address and the password right?";

describe.skipIf(redisIsMissing)(`a Redis that can't be used at start ${redisIsMissing ?? ""}`, () => {
  test("is reported within five seconds, with the reason and without its password", async () => {
    const stray = strayErrors();
    const port = await freePort();
    await using frozen = await startRedisServer();
    await using locked = await startRedisServer("--requirepass", "correct");
    frozen.freeze();
    const startedAtMs = Date.now();
    const at = (url: string): string => new URL(url).host;
    expect(
      await Promise.all([
        faultOf(`redis://user:hunter2@127.0.0.1:${port}`),
        faultOf(frozen.url),
        faultOf(`redis://:hunter2@${at(locked.url)}`),
      ]),
    ).toEqual([
      {
        fault: `RedisError: REDIS_URL: can't reach Redis at 127.0.0.1:${port} within 5 s (connect ECONNREFUSED 127.0.0.1:${port}). ${advice}`,
        logged: waited,
      },
      {
        fault: expect.stringMatching(/^RedisError: REDIS_URL: can't reach .* within 5 s \(.*time.*\)/u),
        logged: waited,
      },
      {
        fault: expect.stringMatching(
          /: can't use Redis at \S+ \(WRONGPASS [^)]*[^.]\)\. Check the user and the password\. In the user and the password # is written %23/u,
        ),
        logged: waited,
      },
    ]);
    // Much time for a busy machine.
    expect(Date.now() - startedAtMs).toBeLessThan(30_000);
    expect(stray).toEqual([]);
  });

  test("because it requires a password is reported at once", async () => {
    await using server = await startRedisServer("--requirepass", "correct");
    expect(await faultOf(server.url)).toEqual({
      fault: expect.stringContaining("(NOAUTH Authentication required). It wants a password: redis://"),
      logged: [],
    });
  });

  test("because of another fault in the address is reported with what to change, and waited for only if that can help", async () => {
    await using server = await startRedisServer();
    const startedAtMs = Date.now();
    expect((await faultOf(`${server.url}/99`, 120_000)).fault).toContain(
      "It has no database with that number",
    );
    expect((await faultOf(server.url.replace("//", "//:sesame@"), 120_000)).fault).toMatch(
      /\((?:WRONGPASS|ERR AUTH|ERR Client sent AUTH)[^)]*\)\. (?:Check the user|It wants no password)/u,
    );
    expect(Date.now() - startedAtMs).toBeLessThan(60_000);
  });

  test.skipIf(opensslIsMissing !== undefined)("because only one end uses TLS is reported", async () => {
    using folder = temporaryFolder();
    const { key, certificate } = makeCertificate(folder.path);
    const port = String(await freePort());
    const own = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"];
    await using server = await startRedisServer("--tls-port", port, ...own);
    const faults = await Promise.all(
      [
        `redis://127.0.0.1:${port}`,
        server.url.replace("redis:", "rediss:"),
        `rediss://127.0.0.1:${port}`,
      ].map((url) => faultOf(url)),
    );
    expect(faults.map(({ fault }) => fault)).toEqual([
      expect.stringMatching(/\? If it requires TLS, the address begins with rediss:\/\/\.$/u),
      expect.stringMatching(/If it doesn't use TLS on that port, the address begins with redis:\/\/\.$/u),
      expect.stringMatching(
        / certificate[^)]*\)\. The authority of its certificate is not known here: .*NODE_EXTRA_CA_CERTS/u,
      ),
    ]);
  });

  test("because it accepts no writes yet is waited for, and logged", async () => {
    await using server = await startRedisServer("--min-replicas-to-write", "1");
    expect((await faultOf(server.url)).fault).toMatch(
      /: can't use Redis at \S+ \(NOREPLICAS [^)]*\)\. It takes no writes while too few of its replicas are there/u,
    );
    const log = new RecordingLog();
    const opening = open(server.url, log, 60_000);
    await expect
      .poll(() => log.lines.map(({ message }) => message))
      .toContain("Redis is not ready yet; waiting for it");
    const admin = createClient({ url: server.url });
    await admin.connect();
    await admin.sendCommand(["CONFIG", "SET", "min-replicas-to-write", "0"]);
    admin.destroy();
    await using stores = await opening;
    expect(stores.health().ok).toBe(true);
  });

  test("because it is full, or has no room for all connections, is reported", async () => {
    await using full = await startRedisServer("--maxmemory", "1mb");
    await using crowded = await startRedisServer("--maxclients", "1");
    const [noMemory, noRoom] = await Promise.all([full, crowded].map(({ url }) => faultOf(url)));
    expect(noMemory?.fault).toMatch(/\(OOM [^)]*\)\. It is full: give it more memory \(maxmemory\)\.$/u);
    expect(noRoom?.fault).toMatch(
      /can't open another connection to Redis at .*\)\. It takes no more connections, and each replica/u,
    );
  });

  test("because the user may not even connect to its database is reported with the command", async () => {
    await using server = await startRedisServer();
    const admin = createClient({ url: server.url });
    await admin.connect();
    await admin.sendCommand(["ACL", "SETUSER", "bot", "on", ">secret", "+@all", "-select", "~*", "&*"]);
    admin.destroy();
    const { fault } = await faultOf(`${server.url.replace("//", "//bot:secret@")}/1`);
    expect(fault).toMatch(/\(NOPERM [^)]*\)\. Grant it to the user: ACL SETUSER … \+select$/u);
  });

  test("because it is too old is reported with its version", async () => {
    await using server = await startRedisServer();
    await using way = await openRewritingWay(server.url, {
      received: ["redis_version:7", "redis_version:5"],
    });
    const { fault } = await faultOf(way.url);
    expect(fault).toMatch(
      /^RedisError: REDIS_URL: this Redis has version 5\.\S+, and 6\.2 or newer is needed\. Upgrade it, or give another server$/u,
    );
  });

  test("because it is a cluster is reported", async () => {
    // Its bus would take the port above by 10,000, which any connection of the machine may have.
    const bus = String(await freePort());
    await using server = await startRedisServer("--cluster-enabled", "yes", "--cluster-port", bus);
    expect(await faultOf(server.url)).toEqual({
      fault:
        "RedisError: REDIS_URL: this Redis runs as a cluster, which is not supported. Give the address of a single primary",
      logged: [],
    });
  });

  test("because it is a read-only replica is reported", async () => {
    await using primary = await startRedisServer();
    await using replica = await startRedisServer("--replicaof", "127.0.0.1", new URL(primary.url).port);
    expect((await faultOf(replica.url)).fault).toContain("(READONLY ");
  });
});

test.each([
  ["a database that is no number", "redis://:hunter2@127.0.0.1/first", "Invalid pathname"],
  ["a password that is encoded wrongly", "redis://:hunter2%zz@127.0.0.1", "URI malformed"],
])("refuses a URL with %s, without showing its password", async (_name, url, why) => {
  expect(await faultOf(url)).toEqual({
    fault: `RedisError: REDIS_URL: not a usable address (${why}). It looks like redis://:password@host:6379/0, rediss://… for TLS, or redis+sentinel://:password@host:26379,host:26379/primary`,
    logged: [],
  });
});

describe.skipIf(redisIsMissing)(`a Redis that may lose memories ${redisIsMissing ?? ""}`, () => {
  test.each([
    [
      "evicts",
      ["--maxmemory-policy", "allkeys-lru"],
      [{ level: "warn", message: expect.stringContaining("set maxmemory-policy to noeviction") }],
    ],
    [
      "writes no log",
      ["--appendonly", "no"],
      [{ level: "warn", message: expect.stringContaining("set appendonly to yes") }],
    ],
    ["doesn't tell", ["--rename-command", "CONFIG", ""], []],
    ["loses nothing", [], []],
  ])("is used with a warning if it %s", async (_name, settings, warnings) => {
    await using server = await startRedisServer(...settings);
    const log = new RecordingLog();
    await using redis = await open(server.url, log, 60_000);
    expect(redis.health()).toEqual({ ok: true, why: "" });
    expect(log.lines).toMatchObject(warnings);
  });
});

describe.skipIf(redisIsMissing)(`the format of a Redis ${redisIsMissing ?? ""}`, () => {
  test("that a newer version wrote is refused, left unchanged, and the line says what to do", async () => {
    await using server = await startRedisServer();
    const client = createClient({ url: server.url });
    client.on("error", () => undefined);
    await client.connect();
    await client.hSet("threadkeeper:format", "number", "99");
    const { fault } = await faultOf(server.url);
    expect(fault).toMatch(
      /^RedisError: REDIS_URL: a newer Threadkeeper wrote the data in this Redis \(format 99, this version knows \d+\)\. Start that version again, restore a backup/u,
    );
    expect(await client.hGetAll("threadkeeper:format")).toEqual({ number: "99" });
    client.destroy();
  });

  test("is stored in a hash, so that an older version that would overwrite it ends at start", async () => {
    await using server = await startRedisServer();
    await using stores = await open(server.url, new RecordingLog(), 60_000);
    expect(stores.health()).toEqual({ ok: true, why: "" });
    const client = createClient({ url: server.url });
    client.on("error", () => undefined);
    await client.connect();
    // What versions up to format 3 read first.
    await expect(client.get("threadkeeper:format")).rejects.toThrow(/^WRONGTYPE/u);
    client.destroy();
  });

  test("that a version with BullMQ for turns left behind loses its queue of turns, and nothing else", async () => {
    await using server = await startRedisServer();
    const client = createClient({ url: server.url });
    client.on("error", () => undefined);
    await client.connect();
    await client.hSet("threadkeeper:format", "number", "3");
    await client.lPush("threadkeeper:turns:wait", "1");
    await client.hSet("threadkeeper:turns:1", "data", '{"conversation":"slack:T1:C1:1"}');
    await client.lPush("threadkeeper:chores:wait", "file");
    // Nothing but the end of its turn would say that it is no longer postponed, and its record doesn't know.
    await client.zAdd("threadkeeper:waiting", { score: 1, value: "fake:room:1" });
    await client.zAdd("threadkeeper:postponed", { score: Date.now() + 1_800_000, value: "fake:room:1" });
    await using stores = await open(server.url, new RecordingLog(), 60_000);
    expect(stores.health()).toEqual({ ok: true, why: "" });
    expect(await client.keys("threadkeeper:turns*")).toEqual([]);
    expect(await stores.inbox.due(Date.now(), AbortSignal.timeout(60_000))).toEqual(["fake:room:1"]);
    expect(await client.exists("threadkeeper:chores:wait")).toBe(1);
    client.destroy();
  });
});
