// What the whole core does with hostile texts of 100,000 characters: said, ordered, edited, folded and deleted, on SQLite,
// with the demo model. Prints the longest stop of the event loop of each step. `npm run hostile-texts`.
import { InProcessBroadcast } from "../src/engine/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/in-process-interruptions.ts";
import { createDemoModel } from "../src/models/demo-model.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { openSqliteLedger } from "../src/storage/sqlite/sqlite-ledger.ts";
import { openSqliteStores } from "../src/storage/sqlite/open-sqlite-stores.ts";
import type { ConversationKey } from "../src/domain/conversation.ts";
import { FakePlatform } from "../test/support/core/fake-platform.ts";
import { command, deleted, edited, said } from "../test/support/core/inbounds.ts";
import { openRealCore } from "../test/support/core/real-core.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { stopsOf } from "../test/support/loop-stops.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { families } from "../test/support/texts/hostile-texts.ts";

const chars = 99_980;
const worst = new Map<string, { readonly name: string; readonly ms: number; readonly tookMs: number }>();

async function measured(step: string, name: string, run: () => Promise<unknown>): Promise<void> {
  const { longestWorkedMs: ms, workedMs: tookMs } = await stopsOf(run);
  if (ms >= (worst.get(step)?.ms ?? 0)) worst.set(step, { name, ms, tookMs });
  if (ms > 50) process.stdout.write(`${step} of ${name}: ${ms.toFixed(0)} ms of work without a pause\n`);
}

using folder = temporaryFolder();
const log = new RecordingLog();
const ears = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
await using stores = await openSqliteStores(folder.path, { ids, log, ears });
await using ledger = await openSqliteLedger(folder.path, { log });
const model = createDemoModel({ pieceDelayMs: 0 });
const core = openRealCore({ stores, ledger, platform: new FakePlatform(), model, contextTokens: 16_000 });

async function throughAll(name: string, text: string, index: number): Promise<void> {
  const conversation: ConversationKey = `fake:room:${index}`;
  const where = { conversation };
  const does = async (...all: readonly Parameters<typeof core.accept>[0][]): Promise<void> => {
    for (const each of all) await core.accept(each);
    await core.settle();
  };
  await measured("saying", name, () => does(said("m1", text, where)));
  await measured("ordering", name, () => does(said("m2", `recall ${text}`, where)));
  for (const id of ["m3", "m4", "m5"]) await measured("saying more", name, () => does(said(id, text, where)));
  await measured("filing", name, () => core.file());
  await measured("folding", name, () => core.foldAll());
  await measured("taking the fold", name, () => core.settle());
  await measured("/recall", name, () => does(command("recall", text, where)));
  await measured("/summary", name, () => does(command("summary", "", where)));
  await measured("/export", name, () => does(command("export", "", where)));
  await measured("editing", name, () => does(edited("m1", `${text}.`, where)));
  await measured("deleting", name, () => does(deleted("m1", where)));
  await measured("filing changes", name, () => core.file());
}

await throughAll("prose", "The launch is on Monday, and Ada pays 12,500 a month. ".repeat(1_850), 0);
worst.clear();
const few = process.argv.includes("--few");
for (const [index, { name, textOf }] of families.entries())
  if (!few || index % 5 === 0) await throughAll(name, textOf(chars), index + 1);
for (const [step, { name, ms, tookMs }] of worst) {
  process.stdout.write(
    `${step}: at most ${ms.toFixed(0)} ms of work without a pause (${name}; ${tookMs.toFixed(0)} ms in all)\n`,
  );
}
