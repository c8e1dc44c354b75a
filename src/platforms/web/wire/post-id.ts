import type { TurnId, PostId } from "../../../domain/message.ts";
import type { WebPlace } from "./keys.ts";

/** `<user>/<conversation>/<turn>`: a reply is one post, and is found by this alone. It was the bare turn once. */
export function postIdOf({ user, conversation }: WebPlace, turn: TurnId): PostId {
  return `${user}/${conversation}/${turn}`;
}

/** Where a post is. Undefined for one of those that were only a turn. */
export function placeOfPost(id: PostId): WebPlace | undefined {
  const [user, conversation, turn] = id.split("/");
  return user && conversation && turn ? { user, conversation } : undefined;
}
