// What the whole core does with hostile texts of 100,000 characters: said, ordered, edited, folded and deleted, on SQLite,
// with the demo model. Prints the longest stop of the event loop in each step. `npm run hostile-texts`; `-- --few` for some.
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { families } from "../test/support/texts/hostile-texts.ts";
import { openLife } from "../test/support/texts/through-core.ts";

const chars = 99_980;
const isFew = process.argv.includes("--few");
const worst = new Map<string, { readonly family: string; readonly ms: number; readonly workedMs: number }>();

using folder = temporaryFolder();
await using core = await openLife(folder.path);
// Compiles the code before the measurement.
await core.live("The launch is on Monday, and Ada pays 12,500 a month. ".repeat(1_850), "fake:room:prose");
for (const [index, { name: family, textOf }] of families.entries()) {
  if (isFew && index % 5 > 0) continue;
  for (const { name, longestWorkedMs: ms, workedMs } of await core.live(
    textOf(chars),
    `fake:room:${index}`,
  )) {
    if (ms >= (worst.get(name)?.ms ?? 0)) worst.set(name, { family, ms, workedMs });
    if (ms > 50) process.stdout.write(`${name} of ${family}: ${ms.toFixed(0)} ms of work without a pause\n`);
  }
}
for (const [name, { family, ms, workedMs }] of worst) {
  process.stdout.write(
    `${name}: at most ${ms.toFixed(0)} ms of work without a pause (${family}; ${workedMs.toFixed(0)} ms in all)\n`,
  );
}
