// What an edit and a deletion cost in a window that is full to CONTEXT_TOKENS: their time, the processor's, and the longest
// stop of the event loop. On SQLite. `npm run large-window -- --context 128000`.
import { parseArgs } from "node:util";

import { inboundFormat as inbounds } from "../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/embedded/in-process-interruptions.ts";
import { countTokens } from "../src/models/count-tokens.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { openSqliteArchive } from "../src/storage/sqlite/sqlite-archive.ts";
import { openSqliteStores } from "../src/storage/sqlite/open-sqlite-stores.ts";
import { FakePlatform } from "../test/support/core/fake-platform.ts";
import { deleted, edited, said } from "../test/support/core/inbounds.ts";
import { openRealCore } from "../test/support/core/real-core.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { ScriptedModel } from "../test/support/core/scripted-model.ts";
import { stopsOf } from "../test/support/loop-stops.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const { values } = parseArgs({ options: { context: { type: "string", default: "128000" } } });
const contextTokens = Number(values.context);
const wordsEach = 60;
let drawn = 1;

class QuickModel extends ScriptedModel {
  override readonly countTokens = countTokens;
}

/** About 80 tokens of prose, with its own name and ticket. */
function prose(count: number): string {
  const words = Array.from({ length: wordsEach }, () => {
    drawn = (drawn * 1_103_515_245 + 12_345) % 2_147_483_648;
    return ["plan", "release", "meeting", "budget", "then", "maybe", "server", "invoice", "we", "the"][
      drawn % 10
    ];
  });
  return `${words.join(" ")}. Ask Ada${count} about OPS-${count}.`;
}

async function measured(name: string, run: () => Promise<void>): Promise<void> {
  const { tookMs, workedMs, longestMs, longestWorkedMs } = await stopsOf(run);
  process.stdout.write(
    `${name}: ${tookMs.toFixed(0)} ms, of them ${workedMs.toFixed(0)} of work; longest stop ${longestMs.toFixed(0)} ms, of them ${longestWorkedMs.toFixed(0)} of work\n`,
  );
}

using folder = temporaryFolder();
const log = new RecordingLog();
const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
await using stores = await openSqliteStores(folder.path, { ids, inbounds, log, listeners });
await using archive = await openSqliteArchive(folder.path, { log });
let answers = 0;
const model = new QuickModel(async function* () {
  yield prose((answers += 1) + 100_000);
});
const core = openRealCore({ stores, archive, platform: new FakePlatform(), model, contextTokens });

const tokensEach = countTokens(prose(1)) + 10;
const turns = Math.floor((contextTokens * 0.8) / tokensEach / 2);
for (let turn = 1; turn <= turns; turn += 1) {
  await core.accept(said(`m${turn}`, prose(turn)));
  await core.settle();
  model.prompts.length = 0;
}
process.stdout.write(`${turns} questions and answers of ${tokensEach} tokens\n`);
const change = async (...changes: readonly Parameters<typeof core.accept>[0][]): Promise<void> => {
  for (const each of changes) await core.accept(each);
  await core.settle();
};
await measured("an edit", () => change(edited("m2", prose(2_000))));
await measured("another edit", () => change(edited("m3", prose(3_000))));
await measured("a deletion", () => change(deleted("m4")));
await measured("100 edits at once", () =>
  change(...Array.from({ length: 100 }, (_, each) => edited(`m${each + 5}`, prose(each + 4_000)))),
);
await measured("an answer", () => change(said("last", prose(9_000))));
