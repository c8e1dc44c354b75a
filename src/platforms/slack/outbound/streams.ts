import { KeyedQueue } from "../../../async/keyed-queue.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import type { Post } from "../../../domain/post.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { PlannedWrite } from "../../../ports/platform-posts.ts";
import type { Rest } from "../../../ports/platform.ts";
import type { AnswerEnds } from "../../../ports/rate-limits.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { placeOfPost } from "../wire/post-id.ts";
import { targetOf } from "../wire/reply-target.ts";
import { neutralizePings } from "../wire/safe-text.ts";
import type { PostForms } from "./post-forms.ts";
import { longestMs, RunningStreams, type RunningStream } from "./running-streams.ts";
import type { SessionStatus } from "./session-methods.ts";
import { isStreamOver, type StreamMethods, type StreamPlace } from "./stream-methods.ts";
import { pieceAfter, withoutHalves } from "./stream-piece.ts";
import type { StreamPlan } from "./stream-plan.ts";
import { endOf, StreamWriter } from "./stream-writer.ts";
import { sessionThreadOf, type ToldStatus, type WorkingStatus } from "./working-status.ts";

const maxMayBegin = 1_000;

interface StreamsPorts {
  readonly clock: Clock;
  readonly methods: StreamMethods;
  readonly plan: StreamPlan;
  readonly status: WorkingStatus;
  readonly forms: PostForms;
}

/** The message goes on by edits, here or in another process. */
const bare = { text: "", blocks: [], status: "processing" } as const;

/**
 * Streams growing posts in DMs, where Slack shows each piece as it comes. A stream only grows: a post that has to show
 * something else is stopped, and is an ordinary message from then on. In channels only one person would see a stream grow.
 */
export class Streams implements Disposable {
  readonly #ports: StreamsPorts;
  readonly #running: RunningStreams;
  readonly #writer: StreamWriter;
  /** Posts that may begin as streams: the plan has counted them. */
  readonly #mayBegin = growingCache<true>(maxMayBegin);
  /** The calls of a stream, in order. */
  readonly #queue = new KeyedQueue();

  constructor(ports: StreamsPorts) {
    this.#ports = ports;
    // Its turn may be over, and the next one at work in the thread.
    this.#running = new RunningStreams(ports.clock, (stream, signal) => this.#end(stream, "known", signal));
    this.#writer = new StreamWriter({ ...ports, running: this.#running });
  }

  /** Resolves to true when a stream may take the write; to false if it is one of an ordinary post. @throws {PlatformError} */
  async whenWritable(to: ReplyAddress, write: PlannedWrite, signal: AbortSignal): Promise<boolean> {
    const { methods, plan } = this.#ports;
    if (write.id !== undefined) {
      if (this.#running.get(placeOfPost(write.id, to)) === undefined) return false;
      if (write.kind !== "final") await plan.whenGrowing(write, signal);
      return true;
    }
    const thread = sessionThreadOf(to);
    if (write.kind === "final" || thread === undefined || !methods.areIn(thread.team)) return false;
    if (!(await plan.mayStart(write, longestMs, signal))) return false;
    this.#mayBegin.set(nameOf(write), true);
    return true;
  }

  /** Whether `whenWritable` gave a post to a stream. It is asked once. */
  takes(post: Post): boolean {
    return this.#mayBegin.delete(nameOf(post));
  }

  /** What the ordinary post ends besides that takes the place of a stream which did not begin. */
  unbegun(post: Post): Pick<AnswerEnds, "releases"> {
    return { releases: this.#ports.plan.reservationOf(post) };
  }

  /** Begins the stream of a post. Undefined: it has to be an ordinary post. @throws {PlatformError} if it may have begun. */
  async begin(
    to: ReplyAddress,
    post: Post,
    signal: AbortSignal,
  ): Promise<{ readonly ts: string } | undefined> {
    const { methods, plan, status, clock } = this.#ports;
    const thread = sessionThreadOf(to);
    if (thread === undefined || post.state !== "writing" || post.isLine === true) return undefined;
    const safe = asSent(post);
    const sent = pieceAfter("", safe.text, false) ?? "";
    const { user } = targetOf(to);
    try {
      const ts = await plan.start(() => methods.start({ ...thread, user }, sent, signal), signal);
      if (ts === undefined) return undefined;
      const begunAtMs = clock.nowMs();
      const endAtMs = begunAtMs + longestMs;
      const { channel } = thread;
      this.#running.add({ channel, ts, thread, begunAtMs, endAtMs, post: safe, sent, isUnsure: false });
      status.streamed(thread);
      return { ts };
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "rate-limited") return undefined;
      throw error;
    }
  }

  /**
   * Shows what a post has become. `ended`: its stream is over, and it has to be edited. Undefined: this process does not stream
   * it. @throws {PlatformError}
   */
  async edit(place: StreamPlace, post: Post, signal: AbortSignal): Promise<"shown" | "ended" | undefined> {
    const stream = this.#running.get(place);
    if (stream === undefined) return undefined;
    return this.#inOrder(stream, () => this.#writer.write(stream, asSent(post), signal));
  }

  /** Stops a stream that another process, or a lost answer of Slack's, left. @throws {PlatformError} */
  async stopLeft(to: ReplyAddress, place: StreamPlace, post: Post, signal: AbortSignal): Promise<void> {
    const { methods, plan, status } = this.#ports;
    const thread = sessionThreadOf(to);
    await plan.whenStoppable(post, signal);
    // No turn may be running, and then nothing would end "processing".
    const stop = (said: SessionStatus | undefined) =>
      plan.stop(() => methods.stop(place, endOf(post, bare, said), signal), signal);
    const stopped = thread === undefined ? stop(undefined) : status.tellWith(thread, "known", stop);
    await stopped.catch((error: unknown) => {
      if (!isStreamOver(error)) throw error;
    });
  }

  /** Stops what this process does not know as a stream. False: it is none. @throws {PlatformError} */
  async stopUnknown(to: ReplyAddress, place: StreamPlace, signal: AbortSignal): Promise<boolean> {
    const { methods, plan, status } = this.#ports;
    const thread = sessionThreadOf(to);
    // No turn may be running, and then nothing would end "processing".
    const shown = thread === undefined ? {} : { status: status.in(thread) };
    const call = () => methods.stop(place, { text: "", blocks: [], metadata: undefined, ...shown }, signal);
    return plan.stop(call, signal).then(
      () => true,
      (error: unknown) => {
        if (error instanceof PlatformError && error.isPassing) throw error;
        return false;
      },
    );
  }

  /** Before a post is deleted. @throws {PlatformError} */
  async stop(place: StreamPlace, signal: AbortSignal): Promise<void> {
    const stream = this.#running.get(place);
    if (stream !== undefined) await this.#inOrder(stream, () => this.#writer.stop(stream, bare, signal));
  }

  /** Ends what is still streamed in a thread: the bot no longer works there. Tries again in the background. Never rejects. */
  async rest(to: ReplyAddress, { isAsking }: Rest, signal: AbortSignal): Promise<void> {
    const thread = sessionThreadOf(to);
    if (thread === undefined) return;
    for (const stream of this.#running.in(thread)) {
      await this.#end(stream, isAsking ? "suspended" : "active", signal).catch((error: unknown) =>
        this.#running.endSoon(stream, error),
      );
    }
  }

  /**
   * Stops all streams, so that none stays open until another process goes on with its post. Resolves when the signal aborts, at
   * the latest. Never rejects.
   */
  readonly stopAll = async (signal: AbortSignal): Promise<void> => {
    const stops = this.#running.all.map((stream) => this.#end(stream, "known", signal));
    // A stop may wait for an earlier call of its stream, which has another signal.
    await raceAbort(Promise.allSettled(stops), signal).catch(() => undefined);
  };

  [Symbol.dispose](): void {
    this.#running[Symbol.dispose]();
  }

  /** The answer may go on as an ordinary post, or another process goes on with it. */
  async #end(stream: RunningStream, status: ToldStatus, signal: AbortSignal): Promise<void> {
    await this.#inOrder(stream, () => this.#writer.stop(stream, { ...bare, status }, signal));
  }

  async #inOrder(stream: RunningStream, work: () => Promise<"shown" | "ended">): Promise<"shown" | "ended"> {
    return this.#queue.run(`${stream.channel}/${stream.ts}`, async () =>
      this.#running.has(stream) ? work() : "ended",
    );
  }
}

/** A post with the text that its stream shows. */
function asSent(post: Post): Post {
  const text = post.state === "writing" ? withoutHalves(post.text) : post.text;
  return { ...post, text: neutralizePings(text) };
}

function nameOf({ turn, part }: Pick<Post, "turn" | "part">): string {
  return `${turn}/${part}`;
}
