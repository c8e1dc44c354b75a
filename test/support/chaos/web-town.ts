import type { Random } from "./random.ts";
import { endMark } from "../stages/stage.ts";
import { spokenIn } from "./speech.ts";
import type { Corner, Seen, Town } from "./town.ts";
import { Visitor, webToken } from "./web-visitor.ts";

/** The web chat of all replicas, with a page for each person. */
export function openWebTown(luck: Random): Town {
  const urls = new Map<number, string>();
  const closing = new AbortController();
  const visitors: Visitor[] = [];
  const sum = (pick: (visitor: Visitor) => number): number =>
    visitors.reduce((total, visitor) => total + pick(visitor), 0);
  return {
    name: "the web",
    settings: { WEB_TOKEN: webToken },
    up: (slot, { url }) => void urls.set(slot, url),
    down: (slot) => void urls.delete(slot),
    astray: () => 0,
    streaming: () => 0,
    unfinished: () => 0,
    readings: () => sum(({ uploads }) => uploads),
    repeats: () => sum(({ repeats }) => repeats),
    openCorner: (person) => {
      const visitor = new Visitor(() => [...urls.values()], luck.fork(person), closing.signal);
      visitors.push(visitor);
      return cornerOf(visitor);
    },
    [Symbol.asyncDispose]: async () => closing.abort(),
  };
}

function cornerOf(visitor: Visitor): Corner {
  return {
    say: (text, file) => visitor.say(text, file),
    takeBack: async (message, what) => {
      if (what === "file") throw new TypeError("A file goes with its message here");
      await visitor.takeBack(message);
    },
    seen: () => visitor.shown.flatMap(see),
    images: () => visitor.images(),
    press: () => {
      throw new TypeError("Nobody presses buttons here");
    },
    authorOf: (person) => person,
  };
}

function see({ id, role, text, atMs }: Visitor["shown"][number]): readonly Seen[] {
  if (role === "user") return [];
  const shown = { covers: spokenIn(text), isAnswer: text.endsWith(endMark), atMs, text, buttons: [] };
  return [{ ...shown, id, versions: [shown] }];
}
