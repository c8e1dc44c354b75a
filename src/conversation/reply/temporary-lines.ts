import type { Post } from "../../domain/post.ts";
import type { Wait } from "../../domain/turn.ts";
import { waitingFor } from "../text/user-messages.ts";
import { layOutUnder } from "./lay-out.ts";
import type { PostPorts, ReplyPosts } from "./reply-posts.ts";
import { writeUnlessShown } from "./write-unless-shown.ts";

/** A line under the text of a reply so far. */
export interface LineUnder {
  readonly text: string;
  readonly line: string;
  /** Under the line. */
  readonly actions?: Post["actions"];
}

/** The lines of the bot that stand in a reply until it goes on. Nothing else writes its posts in between. */
export class TemporaryLines {
  readonly #ports: PostPorts;
  readonly #posts: ReplyPosts;

  constructor(ports: PostPorts, posts: ReplyPosts) {
    this.#ports = ports;
    this.#posts = posts;
  }

  /** Shows a line about an outage in place of the reply. @throws {PlatformError} */
  async showWait(wait: Wait, signal: AbortSignal): Promise<void> {
    await this.#posts.findAll(signal);
    const line = { text: waitingFor(wait), state: "writing", isLine: true } as const;
    await this.#posts.writeWhenAllowed(0, line, "final", signal);
    await this.#posts.deleteFrom(1, signal);
  }

  /** @throws {PlatformError} */
  async showUnder({ text, line, actions }: LineUnder, signal: AbortSignal): Promise<void> {
    const texts = layOutUnder(text, line, this.#posts.limits);
    const last = texts.length - 1;
    const under = { state: "writing", isLine: true, ...(actions === undefined ? {} : { actions }) } as const;
    for (const [part, each] of texts.entries()) {
      if (part === last) await this.#posts.writeWhenAllowed(part, { text: each, ...under }, "final", signal);
      else await this.#writePart(part, each, signal);
    }
    await this.#posts.deleteFrom(texts.length, signal);
  }

  #writePart(part: number, text: string, signal: AbortSignal): Promise<void> {
    return writeUnlessShown(this.#ports, this.#posts, { part, content: { text, state: "part" } }, signal);
  }
}
