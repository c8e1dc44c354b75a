import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { planChangesOnly, planTurn as planNextWithin } from "../../../src/conversation/planning/plan-turn.ts";
import type { Inbound, InboxEntry } from "../../../src/domain/inbound.ts";
import { command, deleted, edited, erased, said, stopped } from "../../support/core/inbounds.ts";

const interrupting = new Set(["reset"]);
const nobody = new Set<string>();
const answerWithinMs = 3_600_000;
const planTurn = (
  entries: readonly InboxEntry[],
  speakers: ReadonlySet<string>,
  commands: ReadonlySet<string>,
) =>
  planNextWithin(entries, speakers, commands, {
    replyMode: "thread",
    answerWithinMs,
    turnOf: (first) => `turn-${first}`,
    isOrder: ({ message }) => message.text.startsWith("/imagine"),
  });
const waiting = (...inbounds: readonly Inbound[]): readonly InboxEntry[] =>
  inbounds.map((inbound, index) => ({ id: `${index + 1}`, seq: index + 1, acceptedAtMs, inbound }));
const acceptedAtMs = 10_000_000;
const missed = { fromMs: 5_000_000, toMs: 9_999_000 };
/** Said while nobody listened, longer ago than an answer makes sense. */
const late = (id: string, options: Parameters<typeof said>[2] = {}) =>
  said(id, `late ${id}`, { saidAtMs: acceptedAtMs - answerWithinMs - 1, missed, ...options });
const texts = (plan: ReturnType<typeof planTurn>): readonly string[] =>
  "said" in plan ? plan.said.map((message) => message.text) : [];

const order = said("a", "/imagine a fox");
const chat = (id: string) => said(id, "lunch?", { addressing: "open" });

const anyInbound = fc.oneof(
  fc
    .record({ id: fc.constantFrom("a", "b", "c"), open: fc.boolean() })
    .map(({ id, open }) => said(id, `text ${id}`, { addressing: open ? "open" : "mention" })),
  fc.constantFrom("a", "b", "d").map((id) => said(id, `/imagine ${id}`)),
  fc.constantFrom("a", "b").map((id) => late(id)),
  fc.constantFrom("a", "b", "z").map((id) => edited(id, "changed")),
  fc.constantFrom("a", "b", "z").map((id) => deleted(id)),
  fc.constantFrom("reset", "summary").map((name) => command(name)),
  fc.constantFrom(stopped(), stopped({ turn: "turn-1" }), stopped({ pressedAtMs: 1 })),
);

describe("planNext", () => {
  test("answers a burst once, under its last message for the bot", () => {
    const plan = planTurn(waiting(said("a", "one"), said("b", "two")), nobody, interrupting);
    expect(plan).toMatchObject({ kind: "answer", covers: ["1", "2"], question: { message: { id: "b" } } });
    expect(texts(plan)).toEqual(["one", "two"]);
  });

  test("answers open messages while only one person writes", () => {
    const plan = planTurn(
      waiting(said("a", "and now?", { addressing: "open" })),
      new Set(["ada"]),
      interrupting,
    );
    expect(plan.kind).toBe("answer");
  });

  test("only remembers open messages once a second person has written", () => {
    const plan = planTurn(
      waiting(said("a", "lunch?", { addressing: "open" })),
      new Set(["ada", "bob"]),
      interrupting,
    );
    expect(plan).toMatchObject({ kind: "listen", covers: ["1"] });
  });

  test("notices a second person within one burst", () => {
    const plan = planTurn(
      waiting(
        said("a", "hm", { addressing: "open" }),
        said("b", "me too", { addressing: "open", by: "bob" }),
      ),
      new Set(["ada"]),
      interrupting,
    );
    expect(plan).toMatchObject({ kind: "answer", question: { message: { id: "a" } }, covers: ["1", "2"] });
  });

  test("does not answer messages between people", () => {
    const plan = planTurn(
      waiting(said("a", "@bob look", { addressing: "others" })),
      new Set(["ada"]),
      interrupting,
    );
    expect(plan.kind).toBe("listen");
  });

  test("applies an edit to a message that still waits", () => {
    const plan = planTurn(waiting(said("a", "frist"), edited("a", "first")), nobody, interrupting);
    expect(texts(plan)).toEqual(["first"]);
    expect(plan).toMatchObject({ covers: ["1", "2"], changes: [] });
  });

  test("drops a message that was deleted while it waited", () => {
    const plan = planTurn(waiting(said("a", "oops"), deleted("a")), nobody, interrupting);
    expect(plan).toMatchObject({ kind: "listen", covers: ["1", "2"], said: [], changes: [{ message: "a" }] });
  });

  test("passes on edits of remembered messages", () => {
    const plan = planTurn(waiting(edited("old", "new text"), said("a", "one")), nobody, interrupting);
    expect(plan).toMatchObject({ kind: "answer", covers: ["1", "2"], changes: [{ message: "old" }] });
  });

  test("answers the messages before a command first", () => {
    expect(planTurn(waiting(said("a", "one"), command("summary")), nobody, interrupting)).toMatchObject({
      kind: "answer",
      covers: ["1"],
    });
  });

  test("covers the messages before /reset without an answer", () => {
    const plan = planTurn(
      waiting(said("a", "one"), command("reset"), said("b", "two")),
      nobody,
      interrupting,
    );
    expect(plan).toMatchObject({ kind: "command", covers: ["1", "2"] });
    expect(texts(plan)).toEqual(["one"]);
  });

  test("closes the question before Stop", () => {
    expect(planTurn(waiting(said("a", "one"), stopped()), nobody, interrupting)).toMatchObject({
      kind: "stop",
      covers: ["1", "2"],
    });
  });

  test.each([
    ["names its turn", { turn: "turn-1" }],
    ["was pressed after the question", { pressedAtMs: 1_000 }],
  ])("closes the question before a Stop that %s", (_, which) => {
    expect(planTurn(waiting(said("a", "one"), stopped(which)), nobody, interrupting)).toMatchObject({
      kind: "stop",
      covers: ["1", "2"],
    });
  });

  test.each([
    ["names another turn", { turn: "turn-0" }],
    ["was pressed before the question", { pressedAtMs: 999 }],
  ])("answers the question before a Stop that %s, then covers the Stop", (_, which) => {
    const tooLate = stopped(which);
    expect(planTurn(waiting(said("a", "one"), tooLate), nobody, interrupting)).toMatchObject({
      kind: "answer",
      covers: ["1"],
    });
    expect(planTurn(waiting(tooLate, said("a", "one"), tooLate), nobody, interrupting)).toMatchObject({
      kind: "answer",
      covers: ["2"],
    });
    expect(planTurn(waiting(tooLate), nobody, interrupting)).toEqual({
      kind: "listen",
      covers: ["1"],
      changes: [],
      said: [],
    });
  });

  test("closes the question before a command that waits for its answer", () => {
    const stop = stopped({ turn: "turn-1" });
    const plan = planTurn(waiting(said("a", "one"), command("summary"), stop), nobody, interrupting);
    expect(plan).toMatchObject({ kind: "stop", covers: ["1", "3"] });
  });

  test("applies a change behind a Stop that is tooLate, while an answer waits", () => {
    const tooLate = stopped({ turn: "turn-0" });
    const plan = planChangesOnly(waiting(said("a", "one"), tooLate, edited("old", "new text")));
    expect(plan).toMatchObject({ kind: "changes", covers: ["3"] });
  });

  test("covers a Stop without a running turn", () => {
    expect(planTurn(waiting(stopped()), nobody, interrupting)).toMatchObject({
      kind: "listen",
      covers: ["1"],
    });
  });

  test("erases up to the last erasure and leaves later entries", () => {
    expect(planTurn(waiting(said("a", "one"), erased(), said("b", "two")), nobody, interrupting)).toEqual({
      kind: "erase",
      covers: ["1", "2"],
    });
  });

  test("remembers missed questions that are too old, without answering them", () => {
    const plan = planTurn(waiting(late("a"), late("b", { addressing: "others" })), nobody, interrupting);
    expect(plan).toMatchObject({ kind: "late", covers: ["1", "2"], downtime: missed });
    expect(plan).toMatchObject({ question: { message: { id: "a" } } });
    expect(texts(plan)).toEqual(["late a", "late b"]);
  });

  test("names the whole period of several downtimes", () => {
    const earlier = { fromMs: 1, toMs: 2 };
    expect(planTurn(waiting(late("a", { missed: earlier }), late("b")), nobody, interrupting)).toMatchObject({
      kind: "late",
      downtime: { fromMs: 1, toMs: missed.toMs },
    });
  });

  test("answers once, under the newest recent question, among late ones", () => {
    const plan = planTurn(waiting(late("a"), said("b", "fresh"), late("c")), nobody, interrupting);
    expect(plan).toMatchObject({
      kind: "answer",
      covers: ["1", "2", "3"],
      question: { message: { id: "b" } },
    });
    expect(plan).toMatchObject({ askedAtMs: acceptedAtMs });
  });

  test("answers a missed question that is recent enough", () => {
    const saidAtMs = acceptedAtMs - answerWithinMs;
    expect(planTurn(waiting(late("a", { saidAtMs })), nobody, interrupting)).toMatchObject({
      kind: "answer",
      askedAtMs: saidAtMs,
    });
  });

  test("does not mention its downtime where it would not have answered", () => {
    expect(
      planTurn(waiting(late("a", { addressing: "open" })), new Set(["bob"]), interrupting),
    ).toMatchObject({ kind: "listen", covers: ["1"] });
  });

  test("answers a question that was received live, however long it waited", () => {
    const old = said("a", "old", { saidAtMs: 1 });
    expect(planTurn(waiting(old), nobody, interrupting).kind).toBe("answer");
  });

  test("is idle if no entry waits", () => {
    expect(planTurn([], nobody, interrupting)).toEqual({ kind: "idle" });
  });

  test.each([
    ["before a question", [order, said("b", "one")], { kind: "answer", covers: ["1"] }],
    ["after a question", [said("b", "one"), order], { kind: "answer", covers: ["1"] }],
    ["after another order", [said("b", "/imagine a hen"), order], { kind: "answer", covers: ["1"] }],
    [
      "between questions",
      [said("b", "one"), said("c", "two"), order],
      { kind: "answer", covers: ["1", "2"] },
    ],
    ["after what is no question", [chat("b"), order, chat("c")], { kind: "answer", covers: ["1", "2", "3"] }],
    [
      "that is edited into a question",
      [order, said("b", "one"), edited("a", "two")],
      { covers: ["1", "2", "3"] },
    ],
    [
      "before a question and a Stop",
      [order, said("b", "one"), stopped()],
      { kind: "stop", covers: ["1", "2", "3"] },
    ],
    ["before a question and a reset", [order, said("b", "one"), command("reset")], { kind: "command" }],
    [
      "before a question and a command",
      [order, said("b", "one"), command("summary")],
      { kind: "answer", covers: ["1"] },
    ],
  ])("an order %s is answered alone, unless it is ended", (_, inbounds, expected) => {
    expect(planTurn(waiting(...inbounds), new Set(["ada", "bob"]), interrupting)).toMatchObject(expected);
  });

  test("covers every entry exactly once, and runs commands in order, for any inbox", () => {
    fc.assert(
      fc.property(fc.array(anyInbound, { maxLength: 14 }), (inbounds) => {
        let rest = waiting(...inbounds);
        const covered: string[] = [];
        while (rest.length > 0) {
          const plan = planTurn(rest, nobody, interrupting);
          if (plan.kind === "idle") throw new Error("idle although something waits");
          expect(plan.covers.length).toBeGreaterThan(0);
          covered.push(...plan.covers);
          rest = rest.filter((entry) => !plan.covers.includes(entry.id));
        }
        const all = inbounds.map((_, index) => `${index + 1}`);
        expect(covered.toSorted((a, b) => Number(a) - Number(b))).toEqual(all);
      }),
    );
  });
});

describe("a message that arrives after its own edit", () => {
  const entries = waiting(edited("a", "better"), said("b", "other"), said("a", "worse"));

  test("has its edited text, and covers the edit", () => {
    const plan = planTurn(entries, nobody, interrupting);
    expect(texts(plan)).toEqual(["other", "better"]);
    expect(plan).toMatchObject({ kind: "answer", covers: ["1", "2", "3"], changes: [] });
  });

  test("covers the edit only in its own turn", () => {
    const plan = planTurn(
      waiting(edited("a", "better"), said("b", "x"), command("summary"), said("a", "worse")),
      nobody,
      interrupting,
    );
    expect(plan).toMatchObject({ kind: "answer", covers: ["2"], changes: [] });
  });
});

describe("planChangesOnly", () => {
  test("applies changes, and leaves questions with their current text", () => {
    const entries = waiting(
      said("a", "ask"),
      edited("a", "asked"),
      said("b", "gone"),
      deleted("b"),
      edited("z", "old"),
    );
    expect(planChangesOnly(entries)).toMatchObject({
      covers: ["3", "4", "5"],
      changes: [{ kind: "deleted" }, { kind: "edited", message: "z" }],
      said: [],
    });
    expect(planChangesOnly(entries.slice(0, 2))).toBeUndefined();
  });

  test("does not affect the answer that follows, for any inbox", () => {
    fc.assert(
      fc.property(fc.array(anyInbound, { maxLength: 14 }), (inbounds) => {
        // No message is said twice: the inbox takes each once.
        const ids = inbounds.map((each) => (each.kind === "said" ? each.message.id : each.dedupeId));
        const entries = waiting(...inbounds.filter((_, index) => ids.indexOf(ids[index] ?? "") === index));
        const whole = planTurn(entries, nobody, interrupting);
        const meanwhile = planChangesOnly(entries);
        fc.pre(whole.kind === "answer" && meanwhile !== undefined);
        const rest = entries.filter(({ id }) => !meanwhile?.covers.includes(id));
        const after = planTurn(rest, nobody, interrupting);
        expect(texts(after)).toEqual(texts(whole));
        expect(after).toMatchObject({ kind: "answer", question: "question" in whole ? whole.question : {} });
        expect(planChangesOnly(rest)).toBeUndefined();
      }),
    );
  });
});
