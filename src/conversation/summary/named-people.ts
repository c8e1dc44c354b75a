import { normalizeText } from "../../domain/normalize-text.ts";
import { looksOf } from "../text/looks.ts";

/** A place in a text that names a person. */
export interface PersonMention {
  /** All labels that the name can mean: "Bob" can be Bob Smith or Bob Jones. */
  readonly labels: readonly string[];
  readonly from: number;
  readonly to: number;
}

interface Word {
  readonly look: string;
  readonly from: number;
  readonly to: number;
  /** Does not start with a lower-case letter. */
  readonly mayBeName: boolean;
}

interface Known {
  readonly label: string;
  readonly looks: readonly string[];
}

const words = /[\p{L}\p{M}\p{N}]+/gu;
const accents = /[\u0300-\u036F]/gu;
/** Scripts without spaces between words, or with suffixes attached to names. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const least = 2;
/** A shorter part of a name is too often an ordinary word. */
const minPart = 3;
/** Parts of names that do not identify a person. */
const particles = new Set(
  "the and for van von der den del della bin ibn abu app bot person mister doctor".split(" ").map(looksOf),
);

/** Finds people in text of the model, by whole label or part of it. Ignores case and accents. */
export class NamedPeople {
  /** Labels by all their words. */
  readonly #byWords: ReadonlyMap<string, readonly Known[]>;
  /** Word count of the longest label, by first word. */
  readonly #longestFrom = new Map<string, number>();
  readonly #byPart: ReadonlyMap<string, readonly string[]>;
  readonly #unspaced: readonly string[];

  constructor(labels: Iterable<string>) {
    const all = Array.from(labels, (label): Known => ({
      label,
      looks: wordsIn(label).map(({ look }) => look),
    }));
    const spaced = all.filter(({ label, looks }) => label.length >= least && looks.length > 0);
    this.#byWords = Map.groupBy(spaced, ({ looks }) => looks.join(" "));
    for (const { looks } of spaced) {
      const [first = ""] = looks;
      this.#longestFrom.set(first, Math.max(looks.length, this.#longestFrom.get(first) ?? 0));
    }
    this.#byPart = new Map(
      [
        ...Map.groupBy(
          all.flatMap(({ label }) => partsOf(label)),
          ([part]) => part,
        ),
      ].map(([part, named]) => [part, [...new Set(named.map(([, label]) => label))]]),
    );
    this.#unspaced = all
      .filter(({ label, looks }) => label.length >= least && (looks.length === 0 || unspaced.test(label)))
      .map(({ label }) => label);
  }

  /** Finds names in order of position. Of overlapping ones the longest wins. `text`: in NFKC. */
  in(text: string): readonly PersonMention[] {
    const found = [...this.#spacedIn(text), ...this.#unspacedIn(text)].toSorted(
      (one, other) => one.from - other.from || other.to - one.to,
    );
    let end = 0;
    return found.filter(({ from, to }) => {
      const isApart = from >= end;
      if (isApart) end = to;
      return isApart;
    });
  }

  #spacedIn(text: string): readonly PersonMention[] {
    const said = wordsIn(text);
    const named: PersonMention[] = [];
    for (let at = 0; at < said.length;) {
      const [one, length] = this.#namedAt(said, at);
      if (one !== undefined) named.push(one);
      at += length;
    }
    return named;
  }

  /** The person named at this word, and the number of words the name takes. */
  #namedAt(said: readonly Word[], at: number): readonly [one: PersonMention | undefined, length: number] {
    const first = said[at];
    if (first === undefined) return [undefined, 1];
    const whole = this.#wholeAt(said, at, this.#longestFrom.get(first.look) ?? 0);
    const parts = first.mayBeName ? (this.#byPart.get(first.look) ?? []) : [];
    const labels = whole.length > 0 ? whole.map(({ label }) => label) : parts;
    const length = Math.max(1, whole[0]?.looks.length ?? 1);
    const { to } = said[at + length - 1] ?? first;
    return [labels.length === 0 ? undefined : { labels, from: first.from, to }, length];
  }

  /** The longest labels that match completely at this word. */
  #wholeAt(said: readonly Word[], at: number, maxWords: number): readonly Known[] {
    for (let length = Math.min(maxWords, said.length - at); length > 0; length -= 1) {
      const looks = said.slice(at, at + length).map(({ look }) => look);
      const known = this.#byWords.get(looks.join(" "));
      if (known !== undefined) return known;
    }
    return [];
  }

  #unspacedIn(text: string): readonly PersonMention[] {
    return this.#unspaced.flatMap((label): readonly PersonMention[] => {
      const from = text.indexOf(label);
      return from < 0 ? [] : [{ labels: [label], from, to: from + label.length }];
    });
  }
}

/** Parts of a multi-word name that can refer to the person. None for apps, whose names are ordinary words. */
function partsOf(label: string): readonly (readonly [part: string, label: string])[] {
  const parts = wordsIn(label);
  if (parts.length < 2 || label.endsWith(" (app)")) return [];
  return parts
    .filter(({ look, from, to }) => look.length >= minPart && /\p{L}/u.test(label.slice(from, to)))
    .filter(({ look }) => !particles.has(look))
    .map(({ look }) => [look, label]);
}

function wordsIn(text: string): readonly Word[] {
  const known = new Map<string, string>();
  const lookOf = (word: string): string => {
    const look = known.get(word) ?? looksOf(normalizeText(word, "NFKD").replaceAll(accents, ""));
    known.set(word, look);
    return look;
  };
  return Array.from(text.matchAll(words), ({ 0: word, index }) => ({
    look: lookOf(word),
    from: index,
    to: index + word.length,
    mayBeName: !/^\p{Ll}/u.test(word),
  }));
}
