import type { Action } from "../../domain/action.ts";
import type { MessageId } from "../../domain/message.ts";
import type { PostFile } from "../../domain/post.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { answerActions } from "./answer-actions.ts";
import { layOut } from "./lay-out.ts";
import { refuseFiles, unlessPassing } from "./refuse-files.ts";
import type { ReplyFiles } from "./reply-files.ts";
import type { PostContent, PostPorts, ReplyPosts } from "./reply-posts.ts";
import type { RunningTurn } from "./running-turn.ts";
import { writeUnlessShown } from "./write-unless-shown.ts";

interface CompletePorts extends PostPorts {
  readonly log: Log;
}

/** What a complete reply is written with. */
interface Parts {
  readonly running: RunningTurn;
  readonly posts: ReplyPosts;
  readonly files: ReplyFiles;
  readonly covers: readonly MessageId[];
}

/** Writes the complete reply: its posts, the files in them or beside them, and the buttons under the last. */
export class CompleteReply {
  readonly #ports: CompletePorts;
  readonly #running: RunningTurn;
  readonly #posts: ReplyPosts;
  readonly #files: ReplyFiles;
  readonly #covers: readonly MessageId[];

  constructor(ports: CompletePorts, { running, posts, files, covers }: Parts) {
    this.#ports = ports;
    this.#running = running;
    this.#posts = posts;
    this.#files = files;
    this.#covers = covers;
  }

  /**
   * In posts alone if the platform takes none of its files: the answer is never lost. Deletes surplus posts.
   * @throws {PlatformError}, {StaleLeaseError}
   */
  async write(text: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#writeForm(text, signal);
    } catch (error) {
      const { turn } = this.#running;
      if (!(error instanceof PlatformError) || !error.refusesFiles || turn.refusesFiles === true) throw error;
      // What can't be removed now stays known, and goes with the answer.
      await this.#files.removeAll(signal).catch(unlessPassing);
      // What is complete with files may not be without them.
      const posts = this.#running.turn.posts.map((post) => Object.assign({ ...post }, { isWhole: false }));
      await this.#running.save({ refusesFiles: true, posts }, signal);
      await this.#writeForm(text, signal);
    }
  }

  async #writeForm(text: string, signal: AbortSignal): Promise<void> {
    const { platform } = this.#ports;
    const posts = layOut(text, this.#posts.limits, this.#madeFiles(text));
    const areBeside = platform.sharedFiles !== undefined;
    const files = posts.at(-1)?.files ?? [];
    const first = { text: posts[0]?.text ?? "", state: "part" } as const;
    const writeAlone = () => this.#posts.writeWhenAllowed(0, first, "final", signal);
    const failed = async (error: unknown, whole: number, sent = files): Promise<never> => {
      try {
        return await refuseFiles(this.#ports.log, error, sent, writeAlone);
      } catch (why) {
        return this.#noteWhole(whole, why, signal);
      }
    };
    const prepares = this.#files.mayPrepare(files) && this.#running.turn.refusesFiles !== true;
    if (prepares) await this.#files.prepare(files, signal).catch((error: unknown) => failed(error, 0));
    for (const [part, { text: each }] of posts.entries()) {
      if (this.#isWritten(part, text)) continue;
      const beside = areBeside || files.length === 0 ? {} : { files };
      const last = { state: "done", actions: this.#actionsUnder(text), ...beside } as const;
      const as = part === posts.length - 1 ? last : ({ state: "part" } as const);
      const sent = as === last && !areBeside ? files : [];
      await this.#write(part, { text: each, ...as }, signal).catch((error: unknown) =>
        failed(error, part, sent),
      );
    }
    if (prepares) await this.#files.show(signal).catch((error: unknown) => failed(error, posts.length));
    await this.#posts.deleteFrom(posts.length, signal);
  }

  #write(part: number, content: PostContent, signal: AbortSignal): Promise<void> {
    return writeUnlessShown(this.#ports, this.#posts, { part, content }, signal);
  }

  /** By an earlier attempt, which waited for the rate limit then. */
  #isWritten(part: number, text: string): boolean {
    const { answer, posts } = this.#running.turn;
    return text === answer && posts[part]?.isWhole === true;
  }

  /** Those of the answer: a line in its place has none. */
  #madeFiles(text: string): readonly PostFile[] {
    const { answer, answerRole, files = [], refusesFiles } = this.#running.turn;
    const isAnswer = text === answer && answerRole !== "notice";
    return isAnswer && refusesFiles !== true ? files : [];
  }

  /** What does not answer in the name of the turn is a notice: an apology, for example. */
  #actionsUnder(text: string): readonly Action[] {
    const { id, restored, answer, answerRole = "bot" } = this.#running.turn;
    const turnId = restored?.turn ?? id;
    const role = text === answer ? answerRole : "notice";
    return answerActions(this.#ports.commands, { role, text, turnId, answers: this.#covers });
  }

  /** Marks complete posts before a wait for the rate limit, so that they are not written again. @throws the error. */
  async #noteWhole(parts: number, error: unknown, signal: AbortSignal): Promise<never> {
    if (parts > 0 && error instanceof PlatformError && error.kind === "rate-limited")
      await this.#running.saveWhole(parts, signal);
    throw error;
  }
}
