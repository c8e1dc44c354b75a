import type { ConversationKey } from "../../../domain/conversation.ts";
import type { TimeZone } from "../../../domain/time-zone.ts";

/** Facts that a body from Slack does not contain. */
export interface SlackFacts {
  readonly botUserId: string;
  readonly botId: string;
  /** The bot's display name. Missing: unknown. */
  readonly name?: string;
  /** The workspace of the token, or its organisation. */
  readonly teamId: string;
  /** Whether the token is for a workspace. */
  readonly isOurs: (team: string) => boolean;
  /** `https://acme.slack.com/`; permalinks begin with it. */
  readonly workspaceUrl: string;
  /** Slack's present id of a channel. */
  readonly currentId: (channel: string) => string;
  readonly nameOf: NameOf;
  /** Undefined: unknown. */
  readonly zoneOf?: (userId: string) => TimeZone | undefined;
  readonly nowMs: number;
  /** Whether workflows that mention the bot get an answer. Missing: no. */
  readonly answersWorkflows?: boolean;
  /** Whether the bot listens to recordings by itself. Missing: no. */
  readonly hearsClips?: boolean;
  /** Whether the bot introduces itself in a channel where it is added. Missing: no. */
  readonly introducesItself?: boolean;
}

/** The key of a channel or DM: `<team>:<channel>`. */
export function placeOf(team: string, channel: string): string {
  return `${team}:${channel}`;
}

/** The workspace of a place, or of an author's id. */
export function teamOf(place: string): string {
  return place.slice(0, place.indexOf(":"));
}

/** The key of a thread. Each top-level message of a DM begins a conversation too. */
export function keyOf(team: string, channel: string, threadTs: string): ConversationKey {
  return `slack:${placeOf(team, channel)}:${threadTs}`;
}

/** The key of a place itself, for commands that concern no single thread. */
export function placeKeyOf(team: string, channel: string): ConversationKey {
  return `slack:${placeOf(team, channel)}`;
}

/** The parts of a conversation key. `threadTs` is missing in the key of a place. */
export function partsOf(conversation: ConversationKey): {
  readonly team: string;
  readonly channel: string;
  readonly threadTs?: string;
} {
  const [, team = "", channel = "", threadTs] = conversation.split(":");
  return { team, channel, ...(threadTs === undefined ? {} : { threadTs }) };
}

/** The id of a person or app, unique over all workspaces. */
export function authorId(team: string, user: string): string {
  return `${team}:${user}`;
}

/** The name of a user id; undefined if unknown. */
export type NameOf = (userId: string) => string | undefined;
