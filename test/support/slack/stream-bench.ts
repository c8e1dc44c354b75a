import type { Action } from "../../../src/domain/action.ts";
import type { PostId } from "../../../src/domain/message.ts";
import type { Post } from "../../../src/domain/post.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { PlannedWrite } from "../../../src/ports/platform-posts.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createPlanned, editPlanned } from "../core/planned-writes.ts";
import { openSlackBench, type SlackBench, type SlackBenchOptions } from "./slack-bench.ts";
import { markdownOf } from "./slack-messages.ts";

const { signal } = new AbortController();

/** An answer in a thread of a DM, as the core writes it. */
export class WrittenAnswer {
  readonly to: ReplyAddress;
  readonly #bench: SlackBench;
  readonly #turn: string;
  id: PostId | undefined;

  constructor(bench: SlackBench, to: ReplyAddress, turn: string) {
    this.#bench = bench;
    this.to = to;
    this.#turn = turn;
  }

  /** Creates the post or edits it, when the plan allows. */
  async write(
    text: string,
    {
      state = "writing",
      kind = state === "writing" ? "growth" : "final",
      platform = this.#bench.platform,
      ...more
    }: Partial<Post> & { kind?: PlannedWrite["kind"]; platform?: Platform } = {},
  ): Promise<void> {
    const post = { turn: this.#turn, part: 0, covers: ["1.0"], text, state, ...more };
    if (this.id === undefined)
      this.id = await createPlanned(platform, { to: this.to, post, kind: "first" }, signal);
    else await editPlanned(platform, { to: this.to, id: this.id, post, kind }, signal);
  }

  /** What people see. */
  get shown(): string {
    const { channel = "", threadTs = "" } = this.to.target;
    return this.#bench.slack.posts(channel, threadTs).map(markdownOf).join("\n\n");
  }
}

/** A bench whose clock can be moved; long waits end at once. */
export async function openStreamBench(options: SlackBenchOptions = {}) {
  const moved = { byMs: 0 };
  const clock: Clock = {
    nowMs: () => Date.now() + moved.byMs,
    sleep: (ms, until) => systemClock.sleep(Math.min(ms, 5), until),
  };
  const bench = await openSlackBench({ clock, ...options });
  bench.slack.streams.nowMs = clock.nowMs;
  let turns = 0;
  const ask = async (channel = "D1"): Promise<WrittenAnswer> => {
    const ts = await bench.slack.say({ channel, user: "U1", text: "hello", mention: true });
    const said = bench.accepted.inbounds.findLast((each) => each.kind === "said" && each.message.id === ts);
    if (said?.kind !== "said") throw new Error("Nothing was said");
    turns += 1;
    return new WrittenAnswer(bench, said.replyTo, `t${turns}`);
  };
  return { bench, ask, moved };
}

/** Names of the methods that were called with success, in order; those of posts only. */
export function writesOf({ slack }: SlackBench): readonly string[] {
  return slack
    .calls()
    .filter(({ method, error }) => method.startsWith("chat.") && error === undefined)
    .map(({ method }) => method.slice("chat.".length));
}

export const thumbs: readonly Action[] = (["thumbs-up", "thumbs-down"] as const).map((id) => ({
  id,
  label: id,
  style: "thumb",
  on: "t1",
}));
