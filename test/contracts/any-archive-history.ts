import fc from "fast-check";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { SyncBatch, ArchivedMessage } from "../../src/domain/archive.ts";
import type { Erasure, RememberedMessage } from "../../src/domain/conversation-memory.ts";
import type { Archive } from "../../src/ports/archive.ts";

/** An event in a conversation. `at`: index of the message it concerns. */
type Step =
  | { readonly kind: "say"; readonly by: "ada" | "bob" }
  | { readonly kind: "reply"; readonly to: number }
  | { readonly kind: "edit" | "delete"; readonly at: number }
  | { readonly kind: "eraseAuthor" | "forget"; readonly by: "ada" | "bob" }
  | { readonly kind: "eraseAll" };

const by = fc.constantFrom<("ada" | "bob")[]>("ada", "bob");
const at = fc.nat({ max: 12 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("say" as const), by }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("reply" as const), to: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("edit" as const, "delete" as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("eraseAuthor" as const, "forget" as const), by }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "eraseAll" as const }) },
);

/** A history: its steps, which are repeated and in which order, and after which steps a slow replica took a snapshot that it writes late. */
export const anyTelling = fc.record({
  steps: fc.array(anyStep, { minLength: 1, maxLength: 24 }),
  order: fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 40 }),
  stale: fc.array(fc.nat({ max: 100 }), { maxLength: 4 }),
});

type Tell = (archive: Archive, signal: AbortSignal) => Promise<unknown>;

/** A history as it is written, and the expected result. */
interface History {
  readonly conversation: ConversationKey;
  readonly told: readonly Tell[];
  /** The full state after each step, written at once. */
  readonly snapshots: readonly Tell[];
  readonly rows: readonly ArchivedMessage[];
  /** Words that no search may find any more. */
  readonly outdated: readonly string[];
}

/** Plays the steps. `mark` keeps the people of different histories apart. */
export function play(steps: readonly Step[], conversation: ConversationKey, mark: string): History {
  const teller = new Teller(conversation, mark);
  for (const each of steps) teller.take(each);
  return {
    conversation,
    told: teller.told,
    snapshots: teller.snapshots,
    rows: teller.rows(),
    outdated: teller.outdated(),
  };
}

class Teller {
  readonly told: Tell[] = [];
  readonly snapshots: Tell[] = [];
  readonly #location: Pick<SyncBatch, "conversation" | "platform" | "place">;
  readonly #mark: string;
  /** Every version of each message, oldest first. */
  readonly #versions = new Map<string, RememberedMessage[]>();
  readonly #erasures: Erasure[] = [];
  readonly #forgotten = new Map<string, number>();
  /** Messages that a reply may still answer. */
  #recent: string[] = [];
  #revision = 0;
  #ordinal = 0;

  constructor(conversation: ConversationKey, mark: string) {
    this.#location = { conversation, platform: "fake", place: "room" };
    this.#mark = mark;
  }

  take(step: Step): void {
    this.#revision += 1;
    this.#do(step);
    const messages = [...this.#newest()].filter((message) => this.#stays(message));
    const erasures = [...this.#erasures];
    this.snapshots.push((archive, signal) => archive.sync({ ...this.#location, erasures, messages }, signal));
  }

  rows(): readonly ArchivedMessage[] {
    const rows: ArchivedMessage[] = [];
    for (const message of this.#newest()) {
      const { tokens: _, ...kept } = message;
      if (this.#stays(message)) rows.push({ ...kept, ...this.#location });
    }
    return rows;
  }

  outdated(): readonly string[] {
    const current = new Set(this.rows().map(({ revision }) => revision));
    const all = [...this.#versions.values()].flat().map(({ revision }) => revision);
    return all.filter((revision) => !current.has(revision)).map((revision) => `version${revision}end`);
  }

  #do(step: Step): void {
    const ids = [...this.#versions.keys()];
    switch (step.kind) {
      case "say":
        return this.#say({ role: "person", author: this.#person(step.by), answers: [] });
      case "reply": {
        const answers = this.#recent.slice(-step.to);
        return this.#say({ role: "bot", author: { id: "bot", name: "Bot" }, answers, posts: ["room/1"] });
      }
      case "edit": {
        const old = this.#versions.get(ids[step.at % ids.length] ?? "")?.at(-1);
        const attachments = [{ name: `of ${this.#revision}` }];
        return old === undefined ? undefined : this.#keep({ ...old, attachments });
      }
      case "delete": {
        return this.#delete(ids[step.at % ids.length] ?? "none");
      }
      case "eraseAuthor": {
        const author = this.#person(step.by).id;
        return this.#erase({
          revision: this.#revision,
          kind: "author",
          author,
          beforeOrdinal: this.#ordinal + 1,
        });
      }
      case "forget": {
        const { id } = this.#person(step.by);
        const beforeMs = (this.#ordinal + 1) * 1_000;
        this.#forgotten.set(id, beforeMs);
        this.told.push((archive, signal) => archive.eraseAuthor("fake", id, beforeMs, signal));
        return undefined;
      }
      case "eraseAll":
        this.#recent = [];
        return this.#erase({ revision: this.#revision, kind: "all", beforeOrdinal: this.#ordinal + 1 });
    }
  }

  /** Retracts derived replies as the bot does, each as soon as it is found. */
  #delete(deleted: string): void {
    this.#recent = this.#recent.filter((id) => id !== deleted);
    const replies = [...this.#newest()].filter(({ answers }) => answers.includes(deleted));
    for (const message of [deleted, ...replies.map(({ id }) => id)])
      this.#erase({ revision: this.#revision, kind: "message", message });
  }

  #person(name: string) {
    return { id: `${name}${this.#mark}`, name };
  }

  #say(said: Pick<RememberedMessage, "role" | "author" | "answers" | "posts">): void {
    this.#ordinal += 1;
    const id = `m${this.#ordinal}`;
    if (said.role === "person") this.#recent.push(id);
    this.#keep({
      ...said,
      id,
      text: "",
      saidAtMs: this.#ordinal * 1_000,
      attachments: [],
      speaker: said.author.name,
      tokens: 1,
      chapter: 1,
      ordinal: this.#ordinal,
      revision: this.#revision,
    });
  }

  #keep(message: RememberedMessage): void {
    const text = `history version${this.#revision}end`;
    const version = { ...message, text, revision: this.#revision };
    this.#versions.set(message.id, [...(this.#versions.get(message.id) ?? []), version]);
    this.told.push((archive, signal) =>
      archive.sync({ ...this.#location, erasures: [], messages: [version] }, signal),
    );
  }

  #erase(erasure: Erasure): void {
    this.#erasures.push(erasure);
    this.told.push((archive, signal) =>
      archive.sync({ ...this.#location, erasures: [erasure], messages: [] }, signal),
    );
  }

  *#newest(): Generator<RememberedMessage> {
    for (const versions of this.#versions.values()) {
      const newest = versions.at(-1);
      if (newest !== undefined) yield newest;
    }
  }

  #stays(message: RememberedMessage): boolean {
    if (this.#isDeleted(message) || this.#isErased(message) || this.#wentWithAuthor(message)) return false;
    const answered = message.answers.flatMap((id) => this.#versions.get(id)?.at(-1) ?? []);
    return answered.length === 0 || !answered.every((each) => this.#wentWithAuthor(each));
  }

  #isDeleted({ id }: RememberedMessage): boolean {
    return this.#erasures.some((each) => each.kind === "message" && each.message === id);
  }

  #isErased({ ordinal }: RememberedMessage): boolean {
    return this.#erasures.some((each) => each.kind === "all" && ordinal < each.beforeOrdinal);
  }

  #wentWithAuthor({ role, author, ordinal, saidAtMs }: RememberedMessage): boolean {
    if (role !== "person") return false;
    const isErased = this.#erasures.some(
      (each) => each.kind === "author" && each.author === author.id && ordinal < each.beforeOrdinal,
    );
    return isErased || saidAtMs < (this.#forgotten.get(author.id) ?? 0);
  }
}
