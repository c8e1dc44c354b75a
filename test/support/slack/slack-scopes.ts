import { asText } from "./untyped-json.ts";
import { SlackRefusal, type SlackArguments } from "./slack-arguments.ts";
import { familyOf } from "./slack-channels.ts";
import { readManifest } from "./slack-manifest.ts";
import type { SlackWorld } from "./slack-methods.ts";

/**
 * The scopes of each method that the bot calls, with spaces between them; `{family}` is the kind of place. Empty: none.
 * https://docs.slack.dev/reference/methods has a page for each.
 */
export const scopesOfMethods: Readonly<Record<string, string>> = {
  "agents.sessions.rename": "chat:write",
  "agents.sessions.setStatus": "chat:write",
  "assistant.threads.setStatus": "assistant:write",
  "auth.teams.list": "",
  "auth.test": "",
  "bots.info": "users:read",
  "chat.appendStream": "chat:write",
  "chat.delete": "chat:write",
  "chat.postEphemeral": "chat:write",
  "chat.postMessage": "chat:write",
  "chat.startStream": "chat:write",
  "chat.stopStream": "chat:write",
  "chat.update": "chat:write",
  "conversations.history": "{family}:history",
  "conversations.info": "{family}:read",
  // One scope for each requested kind: public and private.
  "conversations.list": "channels:read groups:read",
  "conversations.members": "{family}:read",
  "conversations.open": "im:write",
  "conversations.replies": "{family}:history",
  "files.completeUploadExternal": "files:write",
  "files.delete": "files:write",
  "files.getUploadURLExternal": "files:write",
  "files.info": "files:read",
  "reactions.add": "reactions:write",
  "users.conversations": "channels:read groups:read",
  "users.info": "users:read",
  "users.list": "users:read",
  "views.open": "",
  "views.publish": "",
};

/** What a method is called with that has no bot token. */
const withAppToken: ReadonlySet<string> = new Set(["apps.connections.open"]);

/** The scopes of each event that the bot reads. https://docs.slack.dev/reference/events has a page for each. */
export const scopesOfEvents: Readonly<Record<string, string>> = {
  agent_session_stopped: "chat:write",
  agent_session_title_changed: "chat:write",
  app_home_opened: "",
  app_mention: "app_mentions:read",
  app_uninstalled: "",
  channel_archive: "channels:read",
  channel_deleted: "channels:read",
  channel_id_changed: "channels:read",
  channel_left: "channels:read",
  channel_rename: "channels:read",
  channel_shared: "channels:read groups:read",
  channel_unarchive: "channels:read",
  channel_unshared: "channels:read groups:read",
  group_archive: "groups:read",
  group_deleted: "groups:read",
  group_left: "groups:read",
  group_rename: "groups:read",
  group_unarchive: "groups:read",
  member_joined_channel: "channels:read groups:read",
  member_left_channel: "channels:read groups:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  "message.mpim": "mpim:history",
  reaction_added: "reactions:read",
  reaction_removed: "reactions:read",
  tokens_revoked: "",
  user_change: "users:read",
};

/** The scopes of our manifest. */
export function scopesOfManifest(): readonly string[] {
  const { bot, bot_optional: optional = [] } = readManifest("slack-manifest.json").oauth_config.scopes;
  return [...bot, ...optional];
}

export function checkScope({ settings, channels }: SlackWorld, method: string, args: SlackArguments): void {
  if (withAppToken.has(method)) return;
  const needed = scopesOfMethods[method];
  if (needed === undefined) throw new TypeError(`scopesOfMethods lacks ${method}`);
  const family = familyOf(asText(args["channel"]), channels);
  const wanted = scopesIn(needed, [family]);
  const scope = wanted.find((each) => !settings.scopes.includes(each));
  if (scope === undefined) return;
  throw new SlackRefusal("missing_scope", { needed: scope, provided: settings.scopes.join(",") });
}

/** The scopes of an entry, in places of these kinds. */
export function scopesIn(entry: string, families: readonly string[]): readonly string[] {
  if (entry === "") return [];
  return entry.split(" ").flatMap((scope) => families.map((family) => scope.replace("{family}", family)));
}
