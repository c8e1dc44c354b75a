// What a deletion costs in a big archive in Postgres, until no key of what has gone is left, and how big that archive is.
// `DATABASE_URL=… npm run erase-postgres` measures an archive that `npm run recall-cost` has built there.
import { Client } from "pg";

import { systemClock as clock } from "../src/runtime/clock.ts";
import { openPostgresArchive } from "../src/storage/postgres/open-postgres-archive.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";

const { DATABASE_URL: url = "" } = process.env;
const signal = AbortSignal.timeout(3_600_000);
const log = new RecordingLog();
const print = (line: string): void => void process.stdout.write(`${line}\n`);

await using archive = await openPostgresArchive(url, { waitMs: 5_000, clock, log });
const client = new Client({ connectionString: url });
await client.connect();

async function ask(sql: string): Promise<number> {
  const { rows } = await client.query<{ value: string }>(`SELECT (${sql}) AS value`);
  return Number(rows[0]?.value);
}

const written = (): Promise<number> => ask("pg_current_wal_insert_lsn() - '0/0'::pg_lsn");

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const [startedAtMs, before] = [performance.now(), await written()];
  await work();
  const workedAtMs = performance.now();
  await archive.scrub(signal);
  const [workMs, scrubMs] = [workedAtMs - startedAtMs, performance.now() - workedAtMs].map(Math.round);
  const kibibytes = Math.round(((await written()) - before) / 1_024);
  print(`${what}: ${workMs} ms, and ${scrubMs} ms until its keys have gone; ${kibibytes} KiB of log`);
}

async function sizes(): Promise<void> {
  const messages = await ask("SELECT count(*) FROM threadkeeper.message");
  const sizeOf = (name: string): Promise<number> => ask(`pg_total_relation_size('threadkeeper.${name}')`);
  const seeds = await ask(
    "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'threadkeeper.seed'::regclass",
  );
  const of = (bytes: number): string =>
    `${Math.round(bytes / 1_048_576)} MiB, ${Math.round(bytes / messages)} B each`;
  print(`${messages} messages: database ${of(await ask("pg_database_size(current_database())"))}`);
  print(
    `table message with its indexes ${of(await sizeOf("message"))}; index of words ${of(await sizeOf("message_by_words"))}`,
  );
  print(`seeds: ${Math.round(seeds / 1_024)} KiB`);
}

async function deleteOne(): Promise<void> {
  const { rows } = await client.query(
    "SELECT conversation, platform, place, id FROM threadkeeper.message OFFSET floor(random() * 100000) LIMIT 1",
  );
  const { conversation, platform, place, id } = rows[0] ?? {};
  const erasures = [{ kind: "message", message: String(id), revision: 9 }] as const;
  await archive.sync({ conversation, platform, place, erasures, messages: [] }, signal);
}

await sizes();
await measure("nothing", async () => undefined);
for (let time = 0; time < 3; time += 1) await measure("one deletion", deleteOne);
await measure("forgetting one of 500 people", () =>
  archive.eraseAuthor("fake", "person7", Date.now(), signal),
);
await sizes();
await client.query("DELETE FROM threadkeeper.message WHERE row % 20 = 3");
await measure("once 5 % have gone, their keys", async () => undefined);
await sizes();
for (let time = 0; time < 3; time += 1) await measure("then one deletion", deleteOne);
await client.end();
