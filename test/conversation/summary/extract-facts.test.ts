import { describe, expect, test } from "vitest";

import { extractFacts, SearchableText } from "../../../src/conversation/summary/extract-facts.ts";

describe("the facts of a text", () => {
  test.each([
    ["The launch is on 2026-12-01 at 14:30.", ["2026-12-01", "14:30"]],
    ["We pay 12,500.50 a month", ["12,500.50"]],
    ["See https://example.com/plan?x=1, please.", ["https://example.com/plan?x=1"]],
    ["Ticket OPS-4711 and user_id in v2.3.1", ["OPS-4711", "user_id", "v2.3.1"]],
    ["Write to eva@example.org today", ["eva@example.org"]],
    ['He said "never again" twice', ["never again"]],
    ["Run `npm ci` first", ["npm ci"]],
    ["Our contact there is Marguerite Okafor, of course", ["Marguerite Okafor"]],
    ["hello, how are you?", []],
  ])("are found: %s", (text, facts) => {
    expect(extractFacts(text).exact).toEqual(facts);
  });

  test("include no names if every noun is capitalized", () => {
    const german = "wir haben am Montag im Büro mit dem Team über den Plan und die Kosten der Reise geredet";
    expect(extractFacts(german).exact).toEqual([]);
  });

  test.each([
    ["We decided to go with Postgres", true],
    ["let's meet there", true],
    ["Wir haben beschlossen zu warten", true],
    ["nice weather", false],
  ])("know a decision: %s", (text, isDecision) => {
    expect(extractFacts(text).isDecision).toBe(isDecision);
  });

  test("count as missing only if absent, whatever the case and the quotation marks", async () => {
    const facts = extractFacts("Call Zanzibar Foods, says Eva: “By Friday” 17:00");
    const told = new SearchableText("eva said to call zanzibar foods 'by friday' at 17:00");
    expect(await told.findMissing(facts)).toEqual([]);
    expect(await new SearchableText("somebody is to be called at 17:30").findMissing(facts)).toContain(
      "17:00",
    );
  });
});
