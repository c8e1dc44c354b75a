import type { ConversationKey } from "../../../domain/conversation.ts";
import { asObject } from "../wire/json-object.ts";
import { keyOf, type SlackFacts } from "../wire/keys.ts";
import { sessionTitleBody } from "../wire/payload-schemas.ts";
import { teamOf } from "./from-message.ts";

/** A person has named a conversation. */
export interface Named {
  readonly conversation: ConversationKey;
  readonly title: string;
}

/** Undefined for every other body, and for what the bot named itself: that is no person's choice. */
export function namedIn(body: unknown, facts: SlackFacts): Named | undefined {
  // Most bodies are other events, and a schema that refuses costs more than one that accepts.
  if (asObject(asObject(body)["event"])["type"] !== "agent_session_title_changed") return undefined;
  const parsed = sessionTitleBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { channel, thread_ts: threadTs, title: given, user } = parsed.data.event;
  const title = given.replaceAll(/\s+/gu, " ").trim();
  if (title === "" || user === facts.botUserId) return undefined;
  return { conversation: keyOf(teamOf(parsed.data, facts), channel, threadTs), title };
}
