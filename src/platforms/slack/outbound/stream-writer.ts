import type { Post } from "../../../domain/post.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { isFormRefusal } from "../api/slack-errors.ts";
import { metadataOf } from "../wire/post-metadata.ts";
import type { PostForms } from "./post-forms.ts";
import type { RunningStream, RunningStreams } from "./running-streams.ts";
import type { SessionStatus } from "./session-methods.ts";
import { isStreamOver, type StreamEnd, type StreamMethods } from "./stream-methods.ts";
import { pieceAfter } from "./stream-piece.ts";
import type { StreamPlan } from "./stream-plan.ts";
import type { ToldStatus, WorkingStatus } from "./working-status.ts";

/** Of one call. https://docs.slack.dev/reference/methods/chat.appendStream */
const maxPieceChars = 12_000;

interface StreamWriterPorts {
  readonly methods: StreamMethods;
  readonly plan: StreamPlan;
  readonly status: WorkingStatus;
  readonly forms: PostForms;
  readonly running: RunningStreams;
}

/** `ended`: the stream is over without the text, and the message has to be edited. */
type Written = "shown" | "ended";

/** How a stream is stopped. `status`: of its session after that. */
type Stop = Pick<StreamEnd, "text" | "blocks"> & { readonly status: ToldStatus };

/** The message goes on by edits. */
const bare = { text: "", blocks: [], status: "processing" } as const;

/** Writes what a post has become to its stream. One call at a time for each stream. */
export class StreamWriter {
  readonly #ports: StreamWriterPorts;

  constructor(ports: StreamWriterPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError} */
  async write(stream: RunningStream, post: Post, signal: AbortSignal): Promise<Written> {
    stream.post = post;
    const isWhole = post.state !== "writing";
    const isOther = stream.isUnsure || post.isLine === true;
    const piece = isOther ? undefined : pieceAfter(stream.sent, post.text, isWhole);
    if (piece === undefined || piece.length > maxPieceChars) {
      await this.stop(stream, bare, signal);
      return "ended";
    }
    if (isWhole || this.#ports.running.isOld(stream)) return this.#finish(stream, piece, signal);
    return piece === "" ? "shown" : this.#append(stream, piece, signal);
  }

  async #append(stream: RunningStream, piece: string, signal: AbortSignal): Promise<Written> {
    const { methods, plan } = this.#ports;
    try {
      await plan.append(stream.post, () => methods.append(stream, piece, signal), signal);
      stream.sent += piece;
      return "shown";
    } catch (error) {
      this.#learn(stream, error);
      if (isStreamOver(error))
        throw new PlatformError("unreachable", "Slack has ended the stream", { cause: error });
      if (!isFormRefusal(error)) throw error;
      await this.stop(stream, bare, signal);
      return "ended";
    }
  }

  /** Stops a stream with the rest of its text. While Slack takes no stop, the rest is shown before that. */
  async #finish(stream: RunningStream, piece: string, signal: AbortSignal): Promise<Written> {
    const { state, actions } = stream.post;
    const isLast = state === "done";
    const blocks = isLast ? this.#ports.forms.under(actions) : [];
    const status = isLast ? "active" : "processing";
    try {
      return await this.stop(stream, { text: piece, blocks, status }, signal);
    } catch (error) {
      if (isFormRefusal(error)) {
        await this.stop(stream, bare, signal);
        return "ended";
      }
      if (piece !== "" && error instanceof PlatformError && error.kind === "rate-limited")
        await this.#showEnd(stream, piece, signal);
      throw error;
    }
  }

  /** The stop is tried again later in any case. */
  async #showEnd(stream: RunningStream, piece: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#ports.plan.whenEnding(stream.post, signal);
      await this.#append(stream, piece, signal);
    } catch {
      signal.throwIfAborted();
    }
  }

  /** `ended`: it was over before, so that it lacks the text. @throws {PlatformError} */
  async stop(stream: RunningStream, end: Stop, signal: AbortSignal): Promise<Written> {
    const { methods, plan, status } = this.#ports;
    const { post, thread } = stream;
    await plan.whenStoppable(post, signal);
    try {
      await status.tellWith(thread, end.status, (said) =>
        plan.stop(() => methods.stop(stream, endOf(post, end, said), signal), signal),
      );
      this.#ports.running.remove(stream);
      return "shown";
    } catch (error) {
      this.#learn(stream, error);
      if (isStreamOver(error)) return "ended";
      throw error;
    }
  }

  /** What a failed call says about its stream. */
  #learn(stream: RunningStream, error: unknown): void {
    const kind = error instanceof PlatformError ? error.kind : "unreachable";
    if (isStreamOver(error) || kind === "gone") this.#ports.running.remove(stream);
    if (kind === "unreachable") stream.isUnsure = true;
  }
}

/** What a stop of a post's stream says. */
export function endOf(
  post: Post,
  { text, blocks }: Pick<StreamEnd, "text" | "blocks">,
  status: SessionStatus | undefined,
): StreamEnd {
  const said = status === undefined ? {} : { status };
  return { text, blocks, metadata: metadataOf(post), ...said };
}
