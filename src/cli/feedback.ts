import { ConfigError, readConfig, settingNames } from "../config/config.ts";
import { loadSettingsFile } from "../config/settings-file.ts";
import { isConversationKey } from "../domain/conversation.ts";
import type { FeedbackRange, RatedTurn } from "../domain/feedback.ts";
import { makeFilesPrivate } from "../runtime/private-by-default.ts";
import { openTurnRecords, readCount } from "./open-turn-records.ts";

const usage = "Usage: npm run feedback -- [CONVERSATION] [COUNT up to 1000]";
const deadlineMs = 20_000;
const usualCount = "20";

makeFilesPrivate();
const file = loadSettingsFile(".env", process.env, settingNames);
process.exitCode = await run(process.argv.slice(2)).catch(fail);

/** Prints what people think of answers, one line of JSON each, newest first. Gives the exit code. */
async function run(order: readonly string[]): Promise<number> {
  const range = rangeOf(order);
  if (range === undefined) return complain(usage);
  await using opened = await openTurnRecords(readConfig(process.env, file.faults));
  const found = await opened.records.newestFeedback(range, AbortSignal.timeout(deadlineMs));
  if (found.length === 0)
    return complain(
      `There is no feedback${range.conversation === undefined ? "" : ` on ${range.conversation}`}`,
    );
  for (const rated of found) process.stdout.write(`${lineOf(rated)}\n`);
  return 0;
}

/** Only the keys of conversations have a colon. Undefined: not an order that can be carried out. */
function rangeOf(order: readonly string[]): FeedbackRange | undefined {
  const [first = "", ...others] = order;
  const conversation = isConversationKey(first) ? first : undefined;
  const [count = usualCount, ...more] = conversation === undefined ? order : others;
  const limit = readCount(count);
  if (limit === undefined || more.length > 0) return undefined;
  return { limit, ...(conversation === undefined ? {} : { conversation }) };
}

/** The texts of the question and the answer stay where they are: the record names them. */
function lineOf({ author, verdict, reason, atMs, record }: RatedTurn): string {
  const { id: turn, conversation, replyId, replaces, purpose, outcome, settingsVersion, work } = record;
  return JSON.stringify({
    at: new Date(atMs).toISOString(),
    verdict,
    reason,
    author,
    conversation,
    turn,
    reply: replyId,
    replaces,
    purpose,
    outcome,
    model: work?.model,
    prompt: work?.prompt,
    settingsVersion,
  });
}

function complain(line: string): number {
  process.stderr.write(`${line}\n`);
  return 1;
}

function fail(error: unknown): number {
  if (error instanceof ConfigError) return complain(error.faults.join("\n"));
  return complain(error instanceof Error ? error.message : String(error));
}
