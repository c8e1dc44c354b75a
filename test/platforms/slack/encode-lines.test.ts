import { expect, test } from "vitest";

import { encodeLines } from "../../../src/platforms/slack/outbound/encode-lines.ts";
import { stopsOf } from "../../support/loop-stops.ts";

const update = (text: string): string =>
  text.replaceAll(/(\/archives\/)(C[A-Z0-9]{1,30})\b/gu, (_whole, place: string) => `${place}C2`);

function conversation(messages: number): string {
  const lines = Array.from(
    { length: messages },
    (_, index) =>
      `**Ada** ([link](https://x.slack.test/archives/C1/p${index}))\n\n> Grüße 👋, said number ${index}\n`,
  );
  return lines.join("\n");
}

test("a file is changed and encoded as if it were in one piece", async () => {
  for (const text of ["", "\n", "no end", conversation(3_000), `${"x".repeat(100_000)}/archives/C1/p1`]) {
    const encoded = new TextDecoder().decode(await encodeLines(text, update));
    expect(encoded === update(text)).toBe(true);
  }
});

test("a file of many megabytes does not hold up other work", async () => {
  const text = conversation(400_000);
  const { longestWorkedMs, workedMs } = await stopsOf(() => encodeLines(text, update));
  // However fast the machine is. In one piece, it would be all of the work.
  expect(longestWorkedMs).toBeLessThan(workedMs / 2);
});
