import { expect, test } from "vitest";

import { markCut } from "../../src/domain/cut-answer.ts";
import { judgeFiles, type FileEvidence } from "../support/chaos/file-oracle.ts";
import type { Filing } from "../support/chaos/filings.ts";
import { fileWordsIn, spokenIn } from "../support/chaos/speech.ts";
import type { Asked } from "../support/chaos/telling-model.ts";
import type { Seen } from "../support/chaos/town.ts";

const start = 1_000_000;

function post(text: string): Seen {
  const shown = { covers: spokenIn(text), isAnswer: true, atMs: start, text, buttons: [] };
  return { ...shown, id: text, versions: [shown] };
}

function asked(said: string, answered = "", atMs = start): Asked {
  const words = { said: fileWordsIn(said), answered: fileWordsIn(answered) };
  const [all, before] = [spokenIn(said), spokenIn(answered)];
  const asks = { asks: all.slice(before.length), asksWords: [], version: 0, holds: [] };
  return { slot: 0, atMs, said: all, answered: before, words, ...asks };
}

function faults(
  filing: Partial<Filing>,
  posts: readonly string[],
  { images = [], ...evidence }: Partial<FileEvidence> & { readonly images?: readonly string[] } = {},
) {
  const filings: readonly Filing[] = [{ number: 0, word: "w1x0", kind: "txt", ...filing }];
  const corner = { seen: () => posts.map(post), images: () => images };
  const talk = { conversation: 1, town: "Slack", corner, filings } as const;
  return judgeFiles(talk, { asked: [asked("c1m0 w1x0")], ...evidence }).map((each) =>
    each.replace("Slack conversation 1: the file of message 0 ", ""),
  );
}

const answer = "I heard c1m0, w1x0. ∎";
const cutAnswer = markCut("I heard c1m0, and", "length");
const file = { what: "file", fromMs: start + 1 } as const;

test("a file whose word is in its prompt and in its answer once is right, and so is one that was taken back", () => {
  expect(faults({}, [answer])).toEqual([]);
  expect(faults({ takenBack: file }, ["I heard c1m0. ∎"])).toEqual([]);
  const spoken = "> 🎤 The word is w1x0\n\nI heard c1m0, w1x0. ∎";
  expect(faults({ kind: "voice" }, [spoken])).toEqual([]);
  expect(faults({ kind: "draw" }, [answer], { images: ["w1x0", "w1x1"] })).toEqual([]);
  expect(faults({}, [cutAnswer], { asked: [asked("c1m0")] })).toEqual([]);
  const undescribed = asked("c1m0 c1m1", "c1m0");
  expect(faults({ kind: "image" }, [answer], { asked: [asked("c1m0 w1x0"), undescribed] })).toEqual([]);
  expect(faults({ kind: "broken" }, ["I heard c1m0. ∎\n\n*(I couldn't read `a`)*"])).toEqual([]);
});

const wrong: Readonly<
  Record<
    string,
    readonly [
      fault: string,
      filing: Partial<Filing>,
      posts: readonly string[],
      more?: Partial<FileEvidence> & { readonly images?: readonly string[] },
    ]
  >
> = {
  "that no answer holds": ["is 0 times in its answer", {}, ["I heard c1m0. ∎"]],
  "that is answered twice": ["has 2 answers", {}, [answer, answer]],
  "that is broken, without a word": [
    "is broken, and nobody was told",
    { kind: "broken" },
    ["I heard c1m0. ∎"],
  ],
  "twice in a prompt": [
    "is 2 times in a prompt about message 0",
    {},
    [answer],
    { asked: [asked("c1m0 w1x0 w1x0")] },
  ],
  "that a later prompt lacks": [
    "is not in a prompt about message 1",
    {},
    [answer],
    { asked: [asked("c1m0 w1x0"), asked("c1m0 c1m1", "c1m0")] },
  ],
  "of another conversation": [
    "is in a prompt of another conversation",
    {},
    [answer],
    { asked: [asked("c1m0 w1x0"), asked("c2m0 w1x0")] },
  ],
  "whose description a later prompt lacks": [
    "is not in a prompt about message 2",
    { kind: "image" },
    [answer],
    { asked: [asked("c1m0 w1x0"), asked("c1m0 w1x0 c1m1", "c1m0"), asked("c1m0 c1m1 c1m2", "c1m0 c1m1")] },
  ],
  "that is spoken, without a quotation": ["is 1 times in its answer", { kind: "voice" }, [answer]],
  "that is spoken, whose sound is kept": [
    "is spoken, and a store holds its sound: sound of w1x0",
    { kind: "voice" },
    [`w1x0 ${answer}`],
    { keeps: (word) => word },
  ],
  "that was cut off the answer, but read": ["is 0 times in its answer", {}, [cutAnswer]],
  "that is made, and not posted": ["has 0 posted images", { kind: "draw" }, [answer]],
  "that is made, and posted twice": [
    "has 2 posted images",
    { kind: "imagine" },
    [answer],
    { images: ["w1x0", "w1x0"] },
  ],
  "that was made and taken back, and stands there": [
    "was taken back, and its image stands there",
    { kind: "draw", takenBack: { what: "message", fromMs: start + 1 } },
    [],
    { images: ["w1x0"] },
  ],
  "that was taken back, in a post": [
    "was taken back, and a post shows its word",
    { takenBack: file },
    [answer],
  ],
  "that was taken back, in a later prompt": [
    "was taken back, and its word is in a prompt about message 1",
    { takenBack: file },
    [],
    { asked: [asked("c1m0 w1x0"), asked("c1m0 c1m1", "c1m0 w1x0")] },
  ],
  "that was taken back, in the archive": [
    "was taken back, and the archive holds its word",
    { takenBack: file },
    [],
    { archived: [{ role: "person", spoken: [], versions: [], words: ["w1x0"] }] },
  ],
  "that was taken back, in a store": [
    "was taken back, and a store holds its word: message 1",
    { takenBack: file },
    [],
    { keeps: () => "message 1" },
  ],
};

test.each(Object.keys(wrong))("a file %s is wrong", (what) => {
  const [fault, filing = {}, posts = [], more = {}] = wrong[what] ?? [];
  expect(faults(filing, posts, more)).toEqual([fault]);
});
