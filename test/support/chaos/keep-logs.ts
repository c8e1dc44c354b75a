import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { FilingTalk } from "./filings.ts";
import type { Talk, Verdict } from "./oracle.ts";
import type { Scene } from "./scene.ts";
import type { StoppingTalk } from "./stopper.ts";

/** Writes the evidence and the bots' logs to a new folder that stays. */
export function keepLogs(
  folder: string,
  {
    scene: { fleet, model, outages, lostTimes },
    people,
    filers,
    stoppers,
    verdict,
  }: {
    readonly scene: Scene;
    readonly people: readonly Talk[];
    readonly filers: readonly FilingTalk[];
    readonly stoppers: readonly StoppingTalk[];
    readonly verdict?: Verdict;
  },
): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of fleet.logbooks) writeFileSync(join(folder, `${name}.log`), text());
  const journal = {
    verdict,
    falls: fleet.falls,
    outages,
    lostTimes,
    asked: model.asked,
    talks: people.map(({ conversation, town, saidAtMs, presses, corner }) => ({
      conversation,
      town,
      saidAtMs,
      presses,
      seen: corner.seen(),
    })),
    files: filers.map(({ conversation, town, filings, corner }) => ({
      conversation,
      town,
      filings,
      images: corner.images(),
      seen: corner.seen(),
    })),
    stops: stoppers.map(({ conversation, town, stoppings, corner }) => ({
      conversation,
      town,
      stoppings,
      seen: corner.seen(),
    })),
  };
  writeFileSync(join(folder, "journal.json"), JSON.stringify(journal, undefined, 1));
}
