import { ConfigError, readConfig, settingNames, type Config } from "../config/config.ts";
import { inboundFormat } from "../conversation/inbounds/registry.ts";
import type { DeadLetter, DeadLetters } from "../ports/dead-letters.ts";
import { openLog } from "../runtime/logging/log.ts";
import { makeFilesPrivate } from "../runtime/private-by-default.ts";
import { loadSettingsFile } from "../config/settings-file.ts";

const usage = "Usage: npm run dead-letters -- list | retry REFERENCE | drop REFERENCE";
const deadlineMs = 20_000;

makeFilesPrivate();
const file = loadSettingsFile(".env", process.env, settingNames);
process.exitCode = await run(process.argv.slice(2)).catch(fail);

/** Also while the bot runs: what is retried is picked up by its sweeper. Gives the exit code. */
async function run([order, reference]: readonly string[]): Promise<number> {
  const isList = order === "list" && reference === undefined;
  const isOther = (order === "retry" || order === "drop") && reference !== undefined;
  if (!isList && !isOther) return complain(usage);
  await using opened = await openDeadLetters(readConfig(process.env, file.faults));
  const { deadLetters } = opened;
  const signal = AbortSignal.timeout(deadlineMs);
  if (reference === undefined) {
    for (const letter of await deadLetters.list(signal)) process.stdout.write(`${lineOf(letter)}\n`);
    return 0;
  }
  const isDone =
    order === "retry"
      ? await deadLetters.retry(reference, Date.now(), signal)
      : await deadLetters.drop(reference, signal);
  if (!isDone) return complain(`There is no dead letter ${reference}`);
  process.stdout.write(`${JSON.stringify({ reference, done: order })}\n`);
  return 0;
}

/** Without the texts of messages: they are the people's, and the platform shows them where they were written. */
function lineOf({ reference, conversation, why, atMs, inbounds }: DeadLetter): string {
  const at = new Date(atMs).toISOString();
  const entries = inbounds.map((inbound) => ({
    kind: inbound.kind,
    ...(inbound.kind === "said" ? { message: inbound.message.id } : {}),
  }));
  return JSON.stringify({ reference, at, conversation, why, entries });
}

interface Opened extends AsyncDisposable {
  readonly deadLetters: DeadLetters;
}

async function openDeadLetters(config: Config): Promise<Opened> {
  if (config.REDIS_URL === undefined) {
    const { openSqliteDeadLetters } = await import("../storage/sqlite/stores/sqlite-dead-letters.ts");
    return openSqliteDeadLetters(config.DATA_DIR, inboundFormat);
  }
  const { openRedisDeadLetters } = await import("../storage/redis/stores/redis-dead-letters.ts");
  // Standard output belongs to the answer.
  return openRedisDeadLetters(config.REDIS_URL, inboundFormat, openLog("fatal"));
}

function complain(line: string): number {
  process.stderr.write(`${line}\n`);
  return 1;
}

function fail(error: unknown): number {
  if (error instanceof ConfigError) return complain(error.faults.join("\n"));
  return complain(error instanceof Error ? error.message : String(error));
}
