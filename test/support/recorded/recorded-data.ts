import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { createClient } from "@keyv/redis";
import { Client } from "pg";
import { z } from "zod";

/** A message as id, role and text. */
const remembered = z.tuple([z.string(), z.enum(["person", "bot", "notice"]), z.string()]);

const conversation = z.object({
  remembered: z.array(remembered),
  /** Id and text. */
  archived: z.array(z.tuple([z.string(), z.string()])),
  revision: z.number().optional(),
  chapter: z.number().optional(),
  nextOrdinal: z.number().optional(),
  speakers: z.array(z.string()).optional(),
  /** The texts of its lines. */
  summary: z.array(z.string()),
  /** The kinds of its inbox entries, as the recorded version named them. */
  waiting: z.array(z.string()),
});

const state = z.enum(["writing", "part", "done"]);

const recording = z.object({
  recordedAtMs: z.number(),
  conversations: z.record(z.string(), conversation),
  /** What people saw of the running turns. */
  posts: z.array(
    z.object({
      id: z.string(),
      post: z.object({
        part: z.number(),
        text: z.string(),
        state,
        turn: z.string(),
        covers: z.array(z.string()),
      }),
      isDeleted: z.boolean(),
      edits: z.number(),
    }),
  ),
  deadLetters: z.array(
    z.object({ reference: z.string(), conversation: z.string(), kinds: z.array(z.string()) }),
  ),
  /** Conversation and title. */
  listed: z.array(z.tuple([z.string(), z.string()])),
  renamings: z.array(z.object({ before: z.string(), after: z.string() })),
  presence: z.number(),
  /** Conversation → the ordinal before which it is deleted. */
  delayedErasures: z.record(z.string(), z.number()),
  /** Author → erasure cutoff (ms). */
  marks: z.record(z.string(), z.number()),
});

/** What a released version read from its own stores. */
export type Recording = z.infer<typeof recording>;

export function readRecording(stores: "sqlite" | "redis-postgres"): Recording {
  return recording.parse(JSON.parse(read(`${stores}.json`)));
}

/** Puts the recorded SQLite files into a data folder. */
export function restoreSqliteFiles(folder: string): void {
  for (const file of ["threadkeeper.sqlite", "ledger.sqlite"])
    writeFileSync(join(folder, file), bytesOf(file));
}

/** Fills a Redis with the recorded keys. */
export async function restoreRedis(url: string): Promise<void> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  await client.flushDb();
  for (const line of read("redis.jsonl").split("\n"))
    await client.sendCommand(z.array(z.string()).parse(JSON.parse(line)));
  client.destroy();
}

/** Fills an empty Postgres database with the recorded archive. */
export async function restorePostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(read("postgres.sql"));
  await client.end();
}

function read(name: string): string {
  return bytesOf(name).toString("utf8");
}

function bytesOf(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`format-3/${name}.gz`, import.meta.url)));
}
