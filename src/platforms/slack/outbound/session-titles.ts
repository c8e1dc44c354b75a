import type { ConversationKey } from "../../../domain/conversation.ts";
import { KeyedQueue } from "../../../async/keyed-queue.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { partsOf } from "../wire/keys.ts";
import type { SessionMethods, SessionThread } from "./session-methods.ts";

/** https://docs.slack.dev/reference/methods/agents.sessions.rename */
const maxTitleChars = 200;
/** Slack takes no empty title. */
const untitled = "Untitled";
const lookupDeadlineMs = 10_000;
const maxThreads = 10_000;
const maxTries = 4;
const retryMs = 2_000;

interface SessionTitlesPorts {
  readonly methods: SessionMethods;
  readonly directory: Pick<Directory, "entry">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Shows the titles of conversations in DMs as the titles of their sessions. */
export class SessionTitles implements Disposable {
  readonly #ports: SessionTitlesPorts;
  /** The last one of this process: most changes of memory change no title. */
  readonly #sent = growingCache<string>(maxThreads);
  readonly #queue = new KeyedQueue();
  readonly #closing = new AbortController();

  constructor(ports: SessionTitlesPorts) {
    this.#ports = ports;
  }

  readonly areShown = (conversation: ConversationKey): boolean => this.#threadOf(conversation) !== undefined;

  /** Never rejects. */
  readonly show = async (conversation: ConversationKey, isErased: boolean): Promise<void> => {
    const thread = this.#threadOf(conversation);
    if (thread === undefined) return;
    try {
      await this.#queue.run(conversation, async () => {
        const title = isErased ? untitled : await this.#titleOf(conversation);
        if (this.#sent.get(conversation) === title) return;
        await this.#rename(thread, title);
        this.#sent.set(conversation, title);
      });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#ports.log.warn(
        { err: error },
        "a title in a DM could not be changed; rename it by hand if needed",
      );
    }
  };

  [Symbol.dispose](): void {
    this.#closing.abort();
  }

  async #titleOf(conversation: ConversationKey): Promise<string> {
    const entry = await this.#ports.directory.entry(conversation, AbortSignal.timeout(lookupDeadlineMs));
    const title = entry?.title.slice(0, maxTitleChars).toWellFormed().trim() ?? "";
    return title === "" ? untitled : title;
  }

  async #rename(thread: SessionThread, title: string): Promise<void> {
    const { methods, clock } = this.#ports;
    const { signal } = this.#closing;
    for (let tries = 1; ; tries += 1) {
      try {
        return await methods.rename(thread, title, signal);
      } catch (error) {
        if (!(error instanceof PlatformError) || !error.isPassing || tries === maxTries) throw error;
        await clock.sleep(Math.max(retryMs * tries, error.retryAfterMs), signal);
      }
    }
  }

  /** Undefined: Slack shows no title there. */
  #threadOf(conversation: ConversationKey): SessionThread | undefined {
    const { team, channel, threadTs } = partsOf(conversation);
    if (!conversation.startsWith("slack:") || !channel.startsWith("D") || threadTs === undefined)
      return undefined;
    return this.#ports.methods.apiIn(team) === "sessions" ? { team, channel, threadTs } : undefined;
  }
}
