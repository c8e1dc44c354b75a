import { assert, expect, test } from "vitest";

import type { Action } from "../../src/domain/action.ts";
import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { Inbound, Pressed } from "../../src/domain/inbound.ts";
import type { PostId } from "../../src/domain/message.ts";
import type { Post } from "../../src/domain/post.ts";
import type { ReplyAddress } from "../../src/domain/reply-address.ts";
import type { Platform } from "../../src/ports/platform.ts";

/** A button under a post, as people see it. */
interface ShownButton {
  readonly label: string;
  /**
   * A person presses it. Resolves when the press was answered or refused. The same press is delivered `times` times: once
   * unless given.
   */
  readonly press: (person: string, times?: number) => Promise<void>;
}

interface OpenedForActions extends AsyncDisposable {
  readonly platform: Platform;
  /** Where a question was asked, and its conversation. */
  readonly to: ReplyAddress;
  readonly conversation: ConversationKey;
  /** Those who can press, one or more: `press` takes them. The first one asked the question. */
  readonly people: readonly [string, ...string[]];
  /** What is stored by now, without duplicates. */
  readonly accepted: readonly Inbound[];
  /** The buttons under a post by now, in order. Not the lines of its menu. */
  readonly buttonsUnder: (post: PostId) => readonly ShownButton[] | Promise<readonly ShownButton[]>;
  /** The texts that only this person saw, oldest first. */
  readonly toldPrivately: (person: string) => readonly string[];
  /**
   * The person sends the form that their last press opened, with this text. Resolves when it was answered; rejects where no
   * form is open.
   */
  readonly sendForm: (person: string, text: string) => Promise<void>;
  /** Nothing can be stored from now on. */
  readonly breakStore: () => void;
}

const signal = new AbortController().signal;
const summary: Action = { id: "give-command", label: "Summarize", style: "button", value: "summary share" };
const thumbs: readonly Action[] = [
  { id: "regenerate", label: "Regenerate", style: "button", on: "turn-1" },
  { id: "thumbs-up", label: "👍", style: "thumb", on: "turn-1" },
  { id: "thumbs-down", label: "👎", style: "thumb", on: "turn-1" },
];
const menuLine: Action = { id: "give-command", label: "Reset", style: "menu", value: "reset" };

function post(text: string, actions?: readonly Action[]): Post {
  const shown = { turn: "turn-1", part: 0, covers: ["1"], text, state: "done" } as const;
  return actions === undefined ? shown : { ...shown, actions };
}

/**
 * A platform's buttons under public posts. To run it, open the platform with its stand-in and a store, ask a question in a
 * public place, and say how the stand-in shows and presses buttons; see test/platforms/slack/actions.test.ts.
 */
export function actionsContract(open: () => Promise<OpenedForActions>): void {
  const labelsUnder = async ({ buttonsUnder }: OpenedForActions, id: PostId): Promise<readonly string[]> =>
    (await buttonsUnder(id)).map(({ label }) => label);

  async function press(
    opened: OpenedForActions,
    id: PostId,
    label: string,
    { person = opened.people[0], times = 1 } = {},
  ) {
    const button = (await opened.buttonsUnder(id)).find((each) => each.label === label);
    assert(button !== undefined, `There is no button ${label}`);
    await button.press(person, times);
  }

  async function pressed({ accepted }: OpenedForActions, count = 1): Promise<readonly Pressed[]> {
    const presses = () => accepted.filter((each) => each.kind === "pressed");
    await expect.poll(() => presses().length, { timeout: 60_000 }).toBe(count);
    return presses();
  }

  test("buttons stand under a post, and disappear when it is edited without them", async () => {
    await using opened = await open();
    const { platform, to } = opened;
    const other: Action = { ...summary, label: "Delete", emphasis: "danger", value: "forget this" };
    const id = await platform.createPost(to, post("Sure?", [summary, menuLine, other]), signal);
    expect(await labelsUnder(opened, id)).toEqual(["Summarize", "Delete"]);
    await platform.editPost(to, id, post("Sure?", [other]), signal);
    expect(await labelsUnder(opened, id)).toEqual(["Delete"]);
    await platform.editPost(to, id, post("Done", [menuLine]), signal);
    expect(await labelsUnder(opened, id)).toEqual([]);
    await platform.editPost(to, id, post("Done, with a button", [summary]), signal);
    expect(await labelsUnder(opened, id)).toEqual(["Summarize"]);
    await platform.editPost(to, id, post("Done"), signal);
    expect(await labelsUnder(opened, id)).toEqual([]);
  });

  test("a press arrives once, with its action's value, however often it is delivered", async () => {
    await using opened = await open();
    const { platform, to, conversation } = opened;
    const about: Action = { ...summary, label: "Only this", on: "turn-1" };
    const bare: Action = { id: "stop", label: "Stop", style: "button" };
    const id = await platform.createPost(to, post("Sure?", [about, bare]), signal);
    await press(opened, id, "Only this", { times: 2 });
    await press(opened, id, "Stop");
    const [first, second] = await pressed(opened, 2);
    const where = { conversation, platform: platform.name };
    expect(first).toMatchObject({ ...where, action: "give-command", on: "turn-1", value: "summary share" });
    expect(second).toMatchObject({ ...where, action: "stop", on: conversation });
    expect(second?.value).toBeUndefined();
  });

  test("two presses are stored separately, each with its person", async () => {
    await using opened = await open();
    const { platform, to, people } = opened;
    const id = await platform.createPost(to, post("Sure?", [summary]), signal);
    const presses = [people[0], people.at(-1) ?? people[0]];
    for (const person of presses) await press(opened, id, "Summarize", { person });
    const both = await pressed(opened, presses.length);
    expect(new Set(both.map(({ by }) => by.id)).size).toBe(new Set(presses).size);
  });

  test("a press is answered privately, and the post keeps its buttons", async () => {
    await using opened = await open();
    const { platform, to, people } = opened;
    const presser = people.at(-1) ?? people[0];
    const id = await platform.createPost(to, post("Sure?", [summary]), signal);
    await press(opened, id, "Summarize", { person: presser });
    const [{ replyTo } = { replyTo: to }] = await pressed(opened);
    await platform.sendPrivately(replyTo, ["Only for you"], signal);
    await expect.poll(() => opened.toldPrivately(presser).at(-1)).toBe("Only for you");
    for (const other of people.filter((each) => each !== presser))
      expect(opened.toldPrivately(other)).not.toContain("Only for you");
    expect(await labelsUnder(opened, id)).toEqual(["Summarize"]);
  });

  test("thumbs stand beside the other buttons of an answer, and each press names the answer's turn", async () => {
    await using opened = await open();
    const { platform, to, conversation } = opened;
    const id = await platform.createPost(to, post("It leaks.", thumbs), signal);
    expect(await labelsUnder(opened, id)).toEqual(["Regenerate", "👍", "👎"]);
    for (const { label } of thumbs) await press(opened, id, label);
    const presses = await pressed(opened, thumbs.length);
    expect(presses).toMatchObject(thumbs.map(({ id: action, on }) => ({ action, on, conversation })));
    expect(presses.map(({ value }) => value)).toEqual([undefined, undefined, undefined]);
    await platform.editPost(to, id, post("It leaks.", thumbs.slice(0, 1)), signal);
    expect(await labelsUnder(opened, id)).toEqual(["Regenerate"]);
  });

  test("a thumbs-down counts at once, and the text of its form arrives as a second press", async () => {
    await using opened = await open();
    const { platform, to, sendForm, people } = opened;
    const person = people.at(-1) ?? people[0];
    const id = await platform.createPost(to, post("It leaks.", thumbs), signal);
    await press(opened, id, "👎", { person });
    const [first] = await pressed(opened);
    await sendForm(person, "  It does not:\nthe roof is new  ");
    const [, second] = await pressed(opened, 2);
    const { dedupeId: _, pressedAtMs: _at, replyTo: _to, value, ...same } = second ?? assert.fail();
    expect(value).toBe("It does not:\nthe roof is new");
    expect(first).toMatchObject(same);
    expect(first?.value).toBeUndefined();
  });

  test("a form with an empty text changes nothing", async () => {
    await using opened = await open();
    const { platform, to, sendForm, people } = opened;
    const id = await platform.createPost(to, post("It leaks.", thumbs), signal);
    for (const text of ["", " \n ", "No"]) {
      await press(opened, id, "👎");
      await sendForm(people[0], text);
    }
    const presses = await pressed(opened, 4);
    expect(presses.map(({ value }) => value)).toEqual([undefined, undefined, undefined, "No"]);
  });

  test("the longest actions fit under the longest post, and arrive complete", async () => {
    await using opened = await open();
    const { platform, to } = opened;
    const buttons = Array.from({ length: 5 }, (_, index): Action => {
      const on = `turn-${index}`.padEnd(16, "_");
      const value = `recall "a:b" {c} \\ d%20é ${index}`.padEnd(80 - "give-command".length - on.length, "x");
      return { ...summary, label: `${index} `.padEnd(75, "x"), on, value };
    });
    const text = "word ".repeat(platform.limits.postChars / 5).trim();
    const id = await platform.createPost(to, post(text, buttons), signal);
    for (const { label } of buttons) await press(opened, id, label);
    const presses = await pressed(opened, buttons.length);
    expect(presses.map(({ on, value }) => ({ on, value }))).toEqual(
      buttons.map(({ on, value }) => ({ on, value })),
    );
  });

  test("a press of an action that this version does not know arrives unchanged", async () => {
    await using opened = await open();
    const { platform, to } = opened;
    const later = Object.assign({ ...summary, on: "turn-1" }, { id: "dance" });
    const id = await platform.createPost(to, post("Sure?", [later]), signal);
    await press(opened, id, "Summarize");
    expect(await pressed(opened)).toMatchObject([{ action: "dance", on: "turn-1", value: "summary share" }]);
  });

  test("a press that can't be stored gets a line that says so", async () => {
    await using opened = await open();
    const { platform, to, people, breakStore } = opened;
    const id = await platform.createPost(to, post("Sure?", [summary]), signal);
    breakStore();
    const before = opened.toldPrivately(people[0]).length;
    await press(opened, id, "Summarize");
    await expect
      .poll(() => opened.toldPrivately(people[0]).length, { timeout: 60_000 })
      .toBeGreaterThan(before);
    await pressed(opened, 0);
  });
}
