import { LRUCache } from "lru-cache";
import type { APIMessage } from "discord.js";

import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { FileStore } from "../../../ports/file-store.ts";
import type { Log } from "../../../ports/log.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Post } from "../../../domain/post.ts";
import { shownText, withoutClosing } from "../../../domain/shown-text.ts";
import { readTarget, topicOf, type Target } from "../wire/address.ts";
import { parsePostId } from "../wire/post-id.ts";
import { codeOf, codes } from "../api/api-errors.ts";
import type { DiscordApi, NewMessage } from "../api/discord-api.ts";
import type { Destination, Destinations } from "./destinations.ts";
import { toActionRows } from "../wire/action-buttons.ts";
import { bodyOf, nonceOf, type BodyWithFiles } from "../wire/message-body.ts";
import { ownPostsAfter } from "./own-posts.ts";
import { PostFiles, showsFiles } from "./post-files.ts";
import type { DiscordRatePlan } from "./rate-plan.ts";
import type { PostId } from "../../../domain/message.ts";

/** https://docs.discord.com/developers/resources/message#create-message */
const maxChars = 2_000;
/** Discord remembers a nonce for "a few minutes"; this is surely less. */
const nonceValidMs = 2 * 60_000;
const mentionNote = "-# Mention me in each message here: I can't read the others.";

export interface PostsPorts {
  readonly api: DiscordApi;
  readonly destinations: Destinations;
  readonly clock: Clock;
  readonly ratePlan: DiscordRatePlan;
  /** The bot's user id. */
  readonly self: () => string;
  readonly files: FileStore;
  readonly log: Log;
  /** The bot has the Message Content intent. */
  readonly readsContent: boolean;
}

/** Creates, edits, deletes and finds the posts of replies. A PostId is `<channel>/<message>`. */
export class Posts {
  readonly #ports: PostsPorts;
  readonly #deleted = new LRUCache<string, true>({ max: 10_000 });
  readonly #files: PostFiles;

  constructor(ports: PostsPorts) {
    this.#ports = ports;
    this.#files = new PostFiles(ports);
  }

  async create(to: ReplyAddress, post: Post, signal: AbortSignal): Promise<PostId> {
    const { destinations, ratePlan } = this.#ports;
    const target = readTarget(to);
    const opened = await destinations.open(target, signal);
    const create = () => this.#createIn(opened, to, post, signal);
    const call = async () => (await this.#inOpenThread(opened.channel, create, signal)).result;
    const creating = ratePlan.create(opened.channel, post, call, signal);
    const { created, channel, wanted } = await creating.catch(async (error: unknown) => {
      if (!isForbidden(error) || error.refusesFiles) throw error;
      const other = await destinations.fallback(target, opened, signal);
      if (other === undefined) throw error;
      return this.#createIn(other, to, post, signal);
    });
    // A repeated create returns the first post with its old text, buttons and files.
    if (isShown(created, wanted) && showsFiles(created, post)) this.#files.learn(created, post);
    else await this.#change(to, post, { channel, message: created.id }, signal);
    return `${channel}/${created.id}`;
  }

  async #createIn({ channel, replyTo }: Destination, to: ReplyAddress, post: Post, signal: AbortSignal) {
    const reference = { nonce: nonceOfPost(post), ...(replyTo === undefined ? {} : { replyTo }) };
    const wanted = { ...this.#contentOf(to, post), ...(await this.#files.bodyOf(post, undefined, signal)) };
    const creating = withAcceptedButtons(wanted, async (body) => {
      const created = await createMessage(this.#ports.api, channel, { ...body, ...reference }, signal);
      return { created, channel, wanted: body };
    });
    return creating.catch((error: unknown) => {
      throw this.#files.refused(error, post);
    });
  }

  async edit(to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal): Promise<void> {
    const { channel, message } = parsePostId(id);
    const { ratePlan } = this.#ports;
    const change = () => this.#change(to, post, { channel, message }, signal);
    const call = () => this.#inOpenThread(channel, change, signal);
    await ratePlan.edit(channel, post, call, signal);
  }

  async #change(
    to: ReplyAddress,
    post: Post,
    { channel, message }: { readonly channel: string; readonly message: string },
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = { ...this.#contentOf(to, post), ...(await this.#files.bodyOf(post, message, signal)) };
    const { api } = this.#ports;
    try {
      const edited = await withAcceptedButtons(wanted, (body) =>
        api.editMessage(channel, message, body, signal),
      );
      this.#files.learn(edited, post);
    } catch (error) {
      if (codeOf(error) === codes.archivedThread) throw error;
      throw this.#files.refused(error, post);
    }
  }

  async delete(id: PostId, signal: AbortSignal): Promise<void> {
    // A retried retraction continues where Discord's rate limit stopped it.
    if (this.#deleted.has(id)) return;
    const { channel, message } = parsePostId(id);
    const remove = () => this.#ports.api.deleteMessage(channel, message, signal);
    try {
      const { wasClosed } = await this.#inOpenThread(channel, remove, signal);
      // Retractions may reopen many old threads; people closed them for a reason.
      if (wasClosed) await this.#ports.api.archiveThread(channel, true, signal).catch(() => undefined);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    this.#deleted.set(id, true);
  }

  async find(
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<PostId | undefined> {
    if (this.#ports.clock.nowMs() - sinceMs < nonceValidMs) return undefined;
    const target = readTarget(to);
    for (const destination of this.#ports.destinations.candidates(target)) {
      const found = await this.#findIn(destination, target, post, signal);
      if (found !== undefined) return `${destination.channel}/${found.id}`;
    }
    return undefined;
  }

  /**
   * Discord may omit an old message's nonce, and clocks differ, so the proof is Discord's own order. Each post of a
   * reply refers to the question if that is in the same channel; otherwise the thread was opened for this reply and
   * holds none before it. Posts are created in order, and a conversation runs one turn at a time: the n-th such post
   * is part n, or part n doesn't exist.
   */
  async #findIn(
    destination: Destination,
    target: Target,
    post: Post,
    signal: AbortSignal,
  ): Promise<APIMessage | undefined> {
    const question = target.how === "interaction" ? target.interaction : target.message;
    const own = await ownPostsAfter(
      this.#ports.api,
      { channel: destination.channel, after: question, author: this.#ports.self() },
      signal,
    );
    const nonce = nonceOfPost(post);
    const ofReply = own.filter(
      (message) =>
        message.message_reference?.message_id === destination.replyTo &&
        // Other posts without a reference may follow a command, so compare the text.
        (target.how !== "interaction" || post.text.includes(withoutClosing(message.content))),
    );
    return own.find((message) => message.nonce === nonce) ?? ofReply[post.part];
  }

  /** Without buttons, `components` is empty, which removes those that the post had. */
  #contentOf(to: ReplyAddress, post: Post): BodyWithFiles {
    const { actions = [], state } = post;
    const shown = shownText(post);
    const text = shown.length > maxChars ? post.text : shown;
    const hasButtons = actions.some(({ style }) => style !== "menu");
    // In a thread of its own, people would go on without a mention.
    const isDeaf = !this.#ports.readsContent && to.target["how"] === "thread" && state === "done";
    const body = bodyOf(isDeaf ? `${text}\n${mentionNote}` : text);
    return { ...body, components: hasButtons ? toActionRows(actions, topicOf(readTarget(to))) : [] };
  }

  /** Reopens the thread if people closed it: a new message usually does that by itself. A locked one stays closed. */
  async #inOpenThread<T>(
    channel: string,
    write: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ readonly result: T; readonly wasClosed: boolean }> {
    try {
      return { result: await write(), wasClosed: false };
    } catch (error) {
      if (codeOf(error) !== codes.archivedThread) throw error;
      await this.#ports.api.archiveThread(channel, false, signal).catch((refusal: unknown) => {
        // What Discord refused first says why.
        throw isForbidden(refusal) && refusal.closed === "permission" ? error : refusal;
      });
      return { result: await write(), wasClosed: true };
    }
  }
}

/** Writes with buttons; without them if Discord rejects the form, for an answer matters more than its buttons. */
async function withAcceptedButtons<T>(
  body: BodyWithFiles,
  write: (body: BodyWithFiles) => Promise<T>,
): Promise<T> {
  try {
    return await write(body);
  } catch (error) {
    if (codeOf(error) !== codes.invalidForm || body.components?.length === 0) throw error;
    return write({ ...body, components: [] });
  }
}

function isShown({ content, components = [] }: APIMessage, wanted: BodyWithFiles): boolean {
  return content.trim() === wanted.content.trim() && idsOf(components) === idsOf(wanted.components);
}

/** The ids of buttons, as one text. */
function idsOf(rows: unknown): string {
  return JSON.stringify(rows, ["components", "custom_id"]);
}

/** Discord returns the first message for a known nonce, even after its deletion, so a repost needs a new one. */
function nonceOfPost({ turn, part, again }: Post): string {
  return nonceOf(turn, part, ...(again === undefined ? [] : [again]));
}

/** Posts a message; without its reference if the bot lacks Read Message History. */
export async function createMessage(
  api: DiscordApi,
  channel: string,
  message: NewMessage,
  signal: AbortSignal,
): Promise<APIMessage> {
  try {
    return await api.createMessage(channel, message, signal);
  } catch (error) {
    if (codeOf(error) !== codes.noReplyWithoutHistory) throw error;
    const { replyTo: _, ...alone } = message;
    return api.createMessage(channel, alone, signal);
  }
}

/** The bot may not post there, whatever the text. */
function isForbidden(error: unknown): error is PlatformError {
  return error instanceof PlatformError && error.kind === "forbidden";
}

function isGone(error: unknown): boolean {
  return error instanceof PlatformError && error.kind === "gone";
}
