import { describe, expect, test } from "vitest";

import { isCall, reactionTo, type Reaction } from "../../../src/conversation/addressing/addressing.ts";
import type { Addressing } from "../../../src/domain/inbound.ts";
import type { ReplyMode } from "../../../src/domain/turn-settings.ts";

type Author = "a person" | "an app" | "an app that may call";
type Where = "elsewhere" | "with one person" | "with several people";

const modes: readonly ReplyMode[] = ["mention", "thread", "always", "off"];
const places: readonly Where[] = ["elsewhere", "with one person", "with several people"];
const everyAddressing: readonly Addressing[] = ["mention", "direct", "reply", "open", "others"];

const messageOf = (author: Author, addressing: Addressing) => ({
  addressing,
  ...(author === "an app that may call" ? { mayCall: true as const } : {}),
  message: { author: author === "a person" ? {} : { isApp: true as const } },
});
const companyIn = (where: Where) => ({
  isKnown: where !== "elsewhere",
  people: where === "with several people" ? 2 : 1,
});
const reaction = (mode: ReplyMode, author: Author, addressing: Addressing, where: Where): Reaction =>
  reactionTo(messageOf(author, addressing), mode, companyIn(where));

/** What is in no conversation of the bot is ignored, and what is in one is remembered. */
const unanswered = (where: Where): Reaction => (where === "elsewhere" ? "ignore" : "listen");

describe.each(modes.filter((mode) => mode !== "off"))("where the reply mode is %s", (mode) => {
  test.each(places)("a person who calls the bot gets an answer, %s", (where) => {
    for (const call of ["mention", "direct", "reply"] as const)
      expect(reaction(mode, "a person", call, where)).toBe("answer");
  });

  test.each(places)("a message to other people gets no answer, %s", (where) => {
    expect(reaction(mode, "a person", "others", where)).toBe(unanswered(where));
  });

  test.each(places)("an app gets no answer, however it addresses the bot, %s", (where) => {
    for (const addressing of everyAddressing)
      expect(reaction(mode, "an app", addressing, where)).toBe(unanswered(where));
  });

  test.each(places)(
    "an app that may call gets an answer when it mentions or writes to the bot, %s",
    (where) => {
      for (const call of ["mention", "direct"] as const)
        expect(reaction(mode, "an app that may call", call, where)).toBe("answer");
      for (const talk of ["reply", "open", "others"] as const)
        expect(reaction(mode, "an app that may call", talk, where)).toBe(unanswered(where));
    },
  );
});

describe("a message that is addressed to no one", () => {
  test.each<[ReplyMode, Where, Reaction]>([
    ["mention", "elsewhere", "ignore"],
    ["mention", "with one person", "listen"],
    ["mention", "with several people", "listen"],
    ["thread", "elsewhere", "ignore"],
    ["thread", "with one person", "answer"],
    ["thread", "with several people", "listen"],
    ["always", "elsewhere", "answer"],
    ["always", "with one person", "answer"],
    ["always", "with several people", "answer"],
  ])("in mode %s, %s, causes the reaction: %s", (mode, where, expected) => {
    expect(reaction(mode, "a person", "open", where)).toBe(expected);
  });
});

test("where the reply mode is off, the bot does nothing", () => {
  for (const author of ["a person", "an app", "an app that may call"] as const)
    for (const addressing of everyAddressing)
      for (const where of places) expect(reaction("off", author, addressing, where)).toBe("ignore");
});

test("a call is a message that is answered in mode mention", () => {
  for (const author of ["a person", "an app", "an app that may call"] as const)
    for (const addressing of everyAddressing)
      expect(isCall(messageOf(author, addressing))).toBe(
        reaction("mention", author, addressing, "with several people") === "answer",
      );
});
