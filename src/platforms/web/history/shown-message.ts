import type { ConversationMemory, RememberedMessage } from "../../../domain/conversation-memory.ts";
import { imagesOf } from "../../../domain/made-image.ts";
import { saidIn } from "../../../domain/file-texts.ts";
import type { TurnId } from "../../../domain/message.ts";
import { shownImages } from "../files/made-images.ts";
import { shownFiles } from "../files/shown-files.ts";
import type { ShownMessage } from "../wire/shown-message.ts";
import { placeOfPost } from "../wire/post-id.ts";
import { replyButtons } from "../wire/reply-buttons.ts";

/** A message as memory or the archive stores it. */
export type StoredMessage = Omit<RememberedMessage, "tokens">;

/** What tells whether a draft is over. */
export interface DraftIds {
  /** The reply's id. */
  readonly turn: TurnId;
  /** The turn that writes it. Undefined: a replica of an older version writes it. */
  readonly by?: TurnId | undefined;
}

/** A stored message as pages get it. `isGone`: whether the file of a ref is no longer kept. */
export function shownMessage(message: StoredMessage, isGone: (ref: string) => boolean): ShownMessage {
  const { id, role: by, saidAtMs: atMs, chapter, ordinal } = message;
  const role = by === "person" ? "user" : by === "bot" ? "assistant" : "notice";
  const files = by === "person" ? shownFiles(message.attachments, isGone) : imagesIn(message);
  const text = saidIn(message);
  return { id, role, text, atMs, chapter, ordinal, ...files, ...replyButtons({ ...message, text }) };
}

/** Whether memory has the reply, as the turn made it that writes the draft. An answer that is given again keeps its id. */
export function isRemembered(memory: ConversationMemory | undefined, { turn, by = turn }: DraftIds): boolean {
  return memory?.messages.some(({ id, turnId }) => id === turn && (by === turn || turnId === by)) === true;
}

function imagesIn(reply: StoredMessage): ReturnType<typeof shownImages> {
  const [post = ""] = reply.posts ?? [];
  const place = placeOfPost(post);
  return place === undefined
    ? {}
    : shownImages(imagesOf(reply), { conversation: place.conversation, message: reply.id });
}
