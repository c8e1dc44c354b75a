import type { TurnId, PostId } from "../../../domain/message.ts";
import type { WebPlace } from "./keys.ts";

/** `<user>/<conversation>/<turn>`: a reply is one post. Older versions stored the bare turn. */
export function postIdOf({ user, conversation }: WebPlace, turn: TurnId): PostId {
  return `${user}/${conversation}/${turn}`;
}

/** The conversation of a post. Undefined for a bare turn. */
export function placeOfPost(id: PostId): WebPlace | undefined {
  const [user, conversation, turn] = id.split("/");
  return user && conversation && turn ? { user, conversation } : undefined;
}
