import { ConfigError, readConfig, settingNames } from "../config/config.ts";
import { loadSettingsFile } from "../config/settings-file.ts";
import { isConversationKey } from "../domain/conversation.ts";
import type { TurnRecord } from "../domain/turn-record.ts";
import type { TurnRecords } from "../ports/turn-records.ts";
import { makeFilesPrivate } from "../runtime/private-by-default.ts";
import { openTurnRecords, readCount } from "./open-turn-records.ts";

const usage = "Usage: npm run turns -- CONVERSATION [COUNT up to 1000] | TURN";
const deadlineMs = 20_000;
const usualCount = 20;

makeFilesPrivate();
const file = loadSettingsFile(".env", process.env, settingNames);
process.exitCode = await run(process.argv.slice(2)).catch(fail);

/** Prints the records of turns, one line of JSON each, newest first. They hold no texts. Gives the exit code. */
async function run([subject = "", count = String(usualCount), ...more]: readonly string[]): Promise<number> {
  const limit = readCount(count);
  if (subject === "" || more.length > 0 || limit === undefined) return complain(usage);
  await using opened = await openTurnRecords(readConfig(process.env, file.faults));
  const found = await recordsOf(opened.records, subject, limit);
  if (found.length === 0) return complain(`There are no turns of ${subject}`);
  for (const record of found) process.stdout.write(`${lineOf(record)}\n`);
  return 0;
}

/** Only the keys of conversations have a colon. */
async function recordsOf(
  records: TurnRecords,
  subject: string,
  limit: number,
): Promise<readonly TurnRecord[]> {
  const signal = AbortSignal.timeout(deadlineMs);
  if (isConversationKey(subject)) return records.newest(subject, limit, signal);
  const record = await records.find(subject, signal);
  return record === undefined ? [] : [record];
}

function lineOf(record: TurnRecord): string {
  return JSON.stringify({ at: new Date(record.finishedAtMs).toISOString(), ...record });
}

function complain(line: string): number {
  process.stderr.write(`${line}\n`);
  return 1;
}

function fail(error: unknown): number {
  if (error instanceof ConfigError) return complain(error.faults.join("\n"));
  return complain(error instanceof Error ? error.message : String(error));
}
