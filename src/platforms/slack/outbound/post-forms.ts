import type { types } from "@slack/bolt";

import type { Post } from "../../../domain/post.ts";
import { shownText } from "../../../domain/shown-text.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { isFormRefusal } from "../api/slack-errors.ts";
import { metadataOf } from "../wire/post-metadata.ts";
import { actionBlocks, buttonBlocks, haveThumbs, rowBlocks } from "./post-actions.ts";
import type { RefusedForms } from "./refused-forms.ts";
import { renderCompact, renderMarkdown, renderPlainText, type SlackContent } from "./render-content.ts";
import { isSameText } from "./send-in-forms.ts";

/**
 * The forms of a post, the best one first: with all blocks; with thumbs as ordinary buttons; without tables, headings and rules;
 * plain text with its buttons; plain text.
 */
const order = ["thumbs", "row", "compact", "buttons", "plain"] as const;

interface PostForm {
  readonly name: (typeof order)[number];
  readonly render: () => SlackContent;
}

/** A form that Slack refused. */
interface Refusal {
  readonly name: PostForm["name"];
  readonly content: SlackContent;
  readonly error: unknown;
}

/** Sends posts in the best form that Slack accepts, and remembers what it refused. */
export class PostForms {
  readonly #refused: RefusedForms;
  /** The first form to try for posts of which Slack refused a better one, while they grow. */
  readonly #first = growingCache<PostForm["name"]>(1_000);

  constructor(refused: RefusedForms) {
    this.#refused = refused;
  }

  /** @throws as `send` does: for the last form, or for another reason than the form. */
  async send<T>(post: Post, send: (form: object) => Promise<T>): Promise<T> {
    const metadata = metadataOf(post);
    const refusals: Refusal[] = [];
    for (const { name, render } of this.#formsOf(post)) {
      if (this.#isUnknown(name)) continue;
      const content = render();
      const last = refusals.at(-1);
      if (name === "compact" && last !== undefined && isSameText(content, last.content)) continue;
      try {
        const sent = await send({ ...content, metadata });
        this.#remember(post, name, refusals);
        return sent;
      } catch (error) {
        if (!isFormRefusal(error)) throw error;
        this.#refused.learn(error);
        refusals.push({ name, content, error });
      }
    }
    throw refusals.at(-1)?.error;
  }

  #remember({ turn, part }: Post, accepted: PostForm["name"], refusals: readonly Refusal[]): void {
    const names = refusals.map(({ name }) => name);
    // The same without feedback buttons is accepted, so it was because of them.
    if (accepted === "row" && names.at(-1) === "thumbs") this.#refused.add("context_actions");
    if (!names.includes("row") && !names.includes("compact") && !names.includes("buttons")) return;
    // Without a refusal of its buttons, a later version of the post may have some.
    const first = accepted === "plain" && !names.includes("buttons") ? "buttons" : accepted;
    this.#first.set(`${turn}/${part}`, first);
  }

  /** What people can press under a post, in the best form that Slack accepts. */
  under(actions: Post["actions"]): readonly types.KnownBlock[] {
    return haveThumbs(actions) && !this.#isUnknown("thumbs") ? actionBlocks(actions) : rowBlocks(actions);
  }

  #formsOf(post: Post): readonly PostForm[] {
    const { state, turn, part, actions } = post;
    const text = shownText(post);
    const row = rowBlocks(actions);
    const buttons = buttonBlocks(actions);
    const withBlocks = (blocks: readonly types.KnownBlock[]) => renderMarkdown(text, this.#refused, blocks);
    const forms: readonly (PostForm & { readonly isLeftOut?: boolean })[] = [
      { name: "thumbs", render: () => withBlocks(actionBlocks(actions)), isLeftOut: !haveThumbs(actions) },
      { name: "row", render: () => withBlocks(row) },
      { name: "compact", render: () => renderCompact(text, row) },
      { name: "buttons", render: () => renderPlainText(text, buttons), isLeftOut: buttons.length === 0 },
      { name: "plain", render: () => renderPlainText(text) },
    ];
    const first = state === "writing" ? (this.#first.get(`${turn}/${part}`) ?? "thumbs") : "thumbs";
    return forms.filter(
      ({ name, isLeftOut }) => isLeftOut !== true && order.indexOf(name) >= order.indexOf(first),
    );
  }

  #isUnknown(name: PostForm["name"]): boolean {
    if (name === "thumbs" && this.#refused.has("context_actions")) return true;
    return this.#refused.has("markdown") && name !== "buttons" && name !== "plain";
  }
}
