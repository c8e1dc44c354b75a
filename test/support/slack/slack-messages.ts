import type { SlackStream } from "./slack-streams.ts";
import { asRecord } from "./untyped-json.ts";

/** What a message shows. */
export interface SlackVersion {
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata: unknown;
}

/** A version of a message before an edit. */
interface PastVersion extends SlackVersion {
  /** When it was written, in Slack's format. */
  readonly writtenTs: string;
}

/** A message in a channel. */
export interface SlackMessage {
  readonly ts: string;
  readonly team: string;
  channel: string;
  /** Further fields, as Slack names them. */
  readonly wire?: Readonly<Record<string, unknown>>;
  /** Missing for a message at the top level of its channel. */
  readonly threadTs?: string;
  readonly user: string;
  /** Set on the bot's posts. */
  readonly botId?: string;
  files: readonly unknown[];
  text: string;
  blocks: readonly unknown[];
  metadata: unknown;
  isDeleted: boolean;
  /** A deleted root of a thread with replies. */
  isTombstone?: boolean;
  /** Names of the bot's reactions. */
  reactions?: readonly string[];
  /** When its stream last grew, in Slack's format. */
  streamedTs?: string;
  /** Set if it was streamed. */
  readonly stream?: SlackStream;
  /** Time of the last edit, in Slack's format. */
  editedTs?: string;
  /** Earlier versions, oldest first. */
  readonly edits: PastVersion[];
}

/** All messages of a workspace, in the order of their creation. */
export class SlackMessages {
  readonly all: SlackMessage[] = [];
  readonly #byPlace = new Map<string, SlackMessage>();
  readonly #threads = new Map<string, SlackMessage[]>();
  #lastMicros = 0;

  /** A new timestamp: unique and increasing, as Slack's are within a channel. */
  nextTs(): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, Date.now() * 1_000);
    const seconds = Math.floor(this.#lastMicros / 1_000_000);
    return `${seconds}.${String(this.#lastMicros % 1_000_000).padStart(6, "0")}`;
  }

  /** `ts`: missing for a message of now. */
  add(
    message: Omit<SlackMessage, "ts" | "isDeleted" | "edits"> & { readonly ts?: string | undefined },
  ): SlackMessage {
    const added = { ...message, ts: message.ts ?? this.nextTs(), isDeleted: false, edits: [] };
    this.all.push(added);
    this.#byPlace.set(`${added.channel}/${added.ts}`, added);
    const root = `${added.channel}/${added.threadTs ?? added.ts}`;
    const thread = this.#threads.get(root);
    if (thread === undefined) this.#threads.set(root, [added]);
    else thread.push(added);
    return added;
  }

  get(channel: string, ts: string): SlackMessage | undefined {
    const message = this.#byPlace.get(`${channel}/${ts}`);
    return message?.isDeleted === true ? undefined : message;
  }

  /** The root and its replies, without deleted messages. */
  thread(channel: string, threadTs: string): readonly SlackMessage[] {
    return (this.#threads.get(`${channel}/${threadTs}`) ?? []).filter((each) => !each.isDeleted);
  }

  /** Moves all messages of a channel to its new id. */
  move(from: string, to: string): void {
    for (const message of this.all.filter(({ channel }) => channel === from)) {
      const root = `${from}/${message.threadTs ?? message.ts}`;
      const thread = this.#threads.get(root);
      if (thread !== undefined) this.#threads.set(root.replace(from, to), thread);
      this.#threads.delete(root);
      this.#byPlace.delete(`${from}/${message.ts}`);
      this.#byPlace.set(`${to}/${message.ts}`, message);
      message.channel = to;
    }
  }

  addTombstone(message: SlackMessage): void {
    Object.assign(message, { isTombstone: true, text: "This message was deleted.", blocks: [], files: [] });
  }

  edit(message: SlackMessage, next: Partial<SlackVersion>): void {
    const { text, blocks, metadata, ts, editedTs: writtenTs = ts } = message;
    message.edits.push({ text, blocks, metadata, writtenTs });
    Object.assign(message, next, { editedTs: this.nextTs() });
  }
}

/** The Markdown that people see in a message of the bot. */
export function markdownOf(message: { readonly blocks: readonly unknown[] }): string {
  return message.blocks
    .flatMap((block) => {
      const { type, text } = asRecord(block);
      return type === "markdown" && typeof text === "string" ? [text] : [];
    })
    .join("\n");
}
