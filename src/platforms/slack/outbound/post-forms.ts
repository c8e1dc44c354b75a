import type { types } from "@slack/bolt";

import type { Post } from "../../../domain/post.ts";
import { shownText } from "../../../domain/shown-text.ts";
import type { Clock } from "../../../ports/clock.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { isFormRefusal } from "../api/slack-errors.ts";
import { metadataOf } from "../wire/post-metadata.ts";
import { actionBlocks, buttonBlocks, haveThumbs, rowBlocks } from "./post-actions.ts";
import { renderMarkdown, renderPlainText, type SlackContent } from "./render-content.ts";

/** Feedback buttons are tried again after this time: by then Slack may have given them to the workspace. */
const thumbsPauseMs = 60 * 60_000;

/** One form of a post: with all blocks, with thumbs as ordinary buttons, plain text with its buttons, or without. */
interface PostForm {
  readonly name: "thumbs" | "row" | "buttons" | "plain";
  readonly render: () => SlackContent;
}

/** Sends posts in the best form that Slack accepts, and remembers what it rejected. */
export class PostForms {
  readonly #clock: Clock;
  /** Posts whose text Slack rejected in a block: while they grow they stay plain text. */
  readonly #plain = growingCache<true>(1_000);
  /** Posts whose buttons Slack rejected too: while they grow they have none. */
  readonly #bare = growingCache<true>(1_000);
  #thumbsRefusedAtMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws as `send` does: for the last form, or for another reason than the form. */
  async send<T>(post: Post, send: (form: object) => Promise<T>): Promise<T> {
    const metadata = metadataOf(post);
    let refused: PostForm | undefined;
    let refusal: unknown;
    for (const form of this.#formsOf(post)) {
      try {
        const sent = await send({ ...form.render(), metadata });
        // The same without feedback buttons is accepted, so it was because of them.
        if (form.name === "row" && refused?.name === "thumbs") this.#thumbsRefusedAtMs = this.#clock.nowMs();
        return sent;
      } catch (error) {
        if (!isFormRefusal(error)) throw error;
        if (form.name === "row") this.#plain.set(idOf(post), true);
        if (form.name === "buttons") this.#bare.set(idOf(post), true);
        [refused, refusal] = [form, error];
      }
    }
    throw refusal;
  }

  /** What people can press under a post, in the best form that Slack accepts. */
  under(actions: Post["actions"]): readonly types.KnownBlock[] {
    return haveThumbs(actions) && !this.#areThumbsRefused() ? actionBlocks(actions) : rowBlocks(actions);
  }

  #formsOf(post: Post): readonly PostForm[] {
    const { state, actions } = post;
    const text = shownText(post);
    const isPlain = state === "writing" && this.#plain.has(idOf(post));
    const hasThumbs = !isPlain && haveThumbs(actions) && !this.#areThumbsRefused();
    const forms: PostForm[] = [];
    if (hasThumbs) forms.push({ name: "thumbs", render: () => withBlocks(text, actionBlocks(actions)) });
    if (!isPlain) forms.push({ name: "row", render: () => withBlocks(text, rowBlocks(actions)) });
    const isBare = isPlain && this.#bare.has(idOf(post));
    const buttons = isBare ? [] : buttonBlocks(actions);
    if (buttons.length > 0) forms.push({ name: "buttons", render: () => renderPlainText(text, buttons) });
    forms.push({ name: "plain", render: () => renderPlainText(text) });
    return forms;
  }

  #areThumbsRefused(): boolean {
    return this.#clock.nowMs() - this.#thumbsRefusedAtMs < thumbsPauseMs;
  }
}

function withBlocks(markdown: string, following: readonly types.KnownBlock[]): SlackContent {
  const { blocks, ...content } = renderMarkdown(markdown);
  return { ...content, blocks: [...blocks, ...following] };
}

function idOf({ turn, part }: Post): string {
  return `${turn}/${part}`;
}
