import { Client } from "pg";

import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { addressPerHost } from "../../runtime/addresses/postgres-hosts.ts";
import { PostgresFileStore } from "./files/postgres-file-store.ts";
import { BackgroundIndexes } from "./database/background-indexes.ts";
import { DatabaseError } from "./database/database-error.ts";
import { KeyEraser } from "./sealing/key-eraser.ts";
import { migrate, schema } from "./database/migrate.ts";
import { PostgresArchive } from "./archive/postgres-archive.ts";
import { connectionOf } from "./database/connection-of.ts";
import { Postgres } from "./database/postgres.ts";
import { Primary } from "./database/primary.ts";
import { isTransient, startFault, startReason } from "./database/start-fault.ts";
import { PlainTextSealer } from "./archive/plain-text-sealer.ts";
import { WordHashes } from "./archive/word-hashes.ts";

const fileLimits = { maxFileBytes: 64 * 1_024 ** 2, maxTotalBytes: 512 * 1_024 ** 2 };
const retryMs = 500;
/** The first version with random bytes without an extension. */
const oldestServer = 130_000;

interface Ports {
  /** How long to wait for a Postgres that is not reachable yet. */
  readonly waitMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The archive in Postgres, with its tables migrated, and with the files, because replicas share no disk.
 * @throws {DatabaseError} that says what to do.
 */
export async function openPostgresArchive(
  url: string,
  { waitMs, clock, log }: Ports,
): Promise<PostgresArchive> {
  const signal = AbortSignal.timeout(waitMs);
  const [first = url, ...others] = addressPerHost(url) ?? [];
  const primary = new Primary([first, ...others]);
  for (let isReported = false; ; isReported = true) {
    try {
      const { wordKey, hasPlain } = await prepare(primary, { clock, log });
      const words = new WordHashes(wordKey);
      const postgres = new Postgres(primary, { clock, log });
      return new PostgresArchive(postgres, {
        words,
        eraser: new KeyEraser({ postgres, clock, log }),
        indexes: new BackgroundIndexes(primary, log),
        takeOver: new PlainTextSealer({ primary, words, clock, log }, hasPlain),
        files: new PostgresFileStore({ postgres, hashKey: wordKey, limits: fileLimits, clock }),
      });
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      if (!isTransient(error) || signal.aborted) throw startFault(primary, error);
      if (!isReported)
        log.warn(
          { why: startReason(error) },
          "waiting for Postgres; is it running, and is the address right?",
        );
      await clock.sleep(retryMs, new AbortController().signal);
    }
  }
}

interface Prepared {
  readonly wordKey: Buffer;
  /** Some texts are unsealed: see PlainTextSealer. */
  readonly hasPlain: boolean;
}

async function prepare(primary: Primary, { clock, log }: Omit<Ports, "waitMs">): Promise<Prepared> {
  await primary.find();
  const client = new Client({
    ...connectionOf(primary.address),
    query_timeout: 60_000,
    statement_timeout: 60_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await refuseOldServer(client);
    await refuseOtherEncoding(client);
    await migrate(client, { clock, log });
    const { rows } = await client.query<{ key: Buffer; plain: boolean }>(
      `SELECT key, EXISTS (SELECT FROM ${schema}.taking_over) AS plain FROM ${schema}.word_key`,
    );
    const [row] = rows;
    if (row === undefined)
      throw new DatabaseError(`DATABASE_URL: ${schema}.word_key is empty; without it nothing is found.`);
    return { wordKey: row.key, hasPlain: row.plain };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function refuseOldServer(client: Client): Promise<void> {
  const { rows } = await client.query("SHOW server_version_num");
  if (Number(rows[0]?.server_version_num) >= oldestServer) return;
  throw new DatabaseError("DATABASE_URL: this Postgres is too old. Use Postgres 13 or newer.");
}

/** Another encoding would refuse some messages for ever. */
async function refuseOtherEncoding(client: Client): Promise<void> {
  const { rows } = await client.query("SHOW server_encoding");
  if (rows[0]?.server_encoding === "UTF8") return;
  throw new DatabaseError(
    "DATABASE_URL: the database can't store every character. Create one that can: createdb --encoding=UTF8 --template=template0 NAME.",
  );
}
