import { Client } from "pg";

import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { BackgroundIndexes } from "./background-indexes.ts";
import { DatabaseError } from "./database-error.ts";
import { KeyEraser } from "./erase-keys.ts";
import { migrate, schema } from "./migrate.ts";
import { PostgresLedger } from "./postgres-ledger.ts";
import { connectionOf, Postgres } from "./postgres.ts";
import { TakeOver } from "./take-over.ts";
import { WordHashes } from "./word-hashes.ts";

const lookEveryMs = 500;
/** It makes random bytes without an extension. */
const oldestServer = 130_000;

interface Ports {
  /** How long to wait for a Postgres that is not there yet. */
  readonly waitMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The archive in Postgres, its tables brought up to date. @throws {DatabaseError} that says what to do. */
export async function openPostgresLedger(
  url: string,
  { waitMs, clock, log }: Ports,
): Promise<PostgresLedger> {
  const signal = AbortSignal.timeout(waitMs);
  for (let isReported = false; ; isReported = true) {
    try {
      const { wordKey, hasPlain } = await prepare(url, log);
      const words = new WordHashes(wordKey);
      const postgres = new Postgres(url, { clock, log });
      return new PostgresLedger(postgres, {
        words,
        eraser: new KeyEraser({ postgres, clock, log }),
        indexes: new BackgroundIndexes(url, log),
        takeOver: new TakeOver({ url, words, clock, log }, hasPlain),
      });
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      const why = reasonOf(error);
      if (!isPassing(error) || signal.aborted) {
        throw new DatabaseError(`DATABASE_URL: Postgres can't be used (${why}). ${adviceFor(error)}`);
      }
      if (!isReported) log.warn({ why }, "waiting for Postgres");
      await clock.sleep(lookEveryMs, new AbortController().signal);
    }
  }
}

interface Prepared {
  readonly wordKey: Buffer;
  /** Some texts are in the clear: see TakeOver. */
  readonly hasPlain: boolean;
}

async function prepare(url: string, log: Log): Promise<Prepared> {
  const client = new Client({ ...connectionOf(url), query_timeout: 60_000, statement_timeout: 60_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await refuseOldServer(client);
    await refuseOtherLetters(client);
    await migrate(client, log);
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

/** A database that can't hold every letter would refuse messages for ever. */
async function refuseOtherLetters(client: Client): Promise<void> {
  const { rows } = await client.query("SHOW server_encoding");
  if (rows[0]?.server_encoding === "UTF8") return;
  throw new DatabaseError(
    "DATABASE_URL: the database can't hold every letter. Make one that can: createdb --encoding=UTF8 --template=template0 NAME.",
  );
}

/** Refused connections, no such host yet, starting up: what waiting can help. */
function isPassing(error: unknown): boolean {
  return !/^(?:28|3D|42|0A|08P01)/u.test(codeOf(error)) && !isAboutTls(error);
}

function adviceFor(error: unknown): string {
  const code = codeOf(error);
  if (code.startsWith("28")) return "Check the user and the password.";
  if (code === "3D000") return "Create the database first: createdb NAME.";
  if (code === "42501") return "The user may not create tables there: GRANT CREATE ON DATABASE … TO …";
  if (code === "25006") {
    return "It is read-only: give the address of the primary, or switch default_transaction_read_only off for this database and user.";
  }
  if (code === "08P01") return "Does a pooler in between refuse statement_timeout? Let it ignore that.";
  if (isAboutTls(error)) return "Check sslmode in the address, and the certificate.";
  return "Is it running there, and may this machine reach it?";
}

function isAboutTls(error: unknown): boolean {
  return /CERT|SSL|TLS|SIGNATURE/u.test(`${codeOf(error)} ${messageOf(error)}`);
}

/** Without what the error quotes: it may hold the address with its password. */
function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code === "" ? messageOf(error) : code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll(/\/\/\S{0,1000}@/gu, "//…@") : "unknown";
}

function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return typeof first === "object" && first !== null && "code" in first && typeof first.code === "string"
    ? first.code
    : "";
}
