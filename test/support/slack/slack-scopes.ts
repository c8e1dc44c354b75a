import { readFileSync } from "node:fs";

import { asList, asRecord, asText } from "./untyped-json.ts";
import { SlackRefusal, type SlackArguments } from "./slack-arguments.ts";
import { familyOf } from "./slack-channels.ts";
import type { SlackWorld } from "./slack-methods.ts";

/** By method; `{family}` is the kind of place. Methods that are not listed need no scope. */
const needed: Readonly<Record<string, string>> = {
  "users.info": "users:read",
  "bots.info": "users:read",
  "users.list": "users:read",
  // One scope for each requested kind: public and private.
  "users.conversations": "channels:read groups:read",
  "conversations.list": "channels:read groups:read",
  "chat.postMessage": "chat:write",
  "chat.update": "chat:write",
  "chat.delete": "chat:write",
  "chat.postEphemeral": "chat:write",
  "assistant.threads.setStatus": "assistant:write",
  "agents.sessions.setStatus": "chat:write",
  "agents.sessions.rename": "chat:write",
  "conversations.history": "{family}:history",
  "conversations.replies": "{family}:history",
  "conversations.info": "{family}:read",
  "conversations.members": "{family}:read",
  "conversations.open": "im:write",
  "reactions.add": "reactions:write",
  "files.info": "files:read",
  "files.delete": "files:write",
  "files.getUploadURLExternal": "files:write",
  "files.completeUploadExternal": "files:write",
};

/** The scopes of our manifest. */
export function scopesOfManifest(): readonly string[] {
  const text = readFileSync(new URL("../../../docs/slack-manifest.json", import.meta.url), "utf8");
  const { scopes } = asRecord(asRecord(JSON.parse(text))["oauth_config"]);
  return asList(asRecord(scopes)["bot"]).map(asText);
}

export function checkScope({ settings, channels }: SlackWorld, method: string, args: SlackArguments): void {
  const family = familyOf(asText(args["channel"]), channels);
  const wanted = needed[method]?.replace("{family}", family).split(" ") ?? [];
  const scope = wanted.find((each) => !settings.scopes.includes(each));
  if (scope === undefined) return;
  throw new SlackRefusal("missing_scope", { needed: scope, provided: settings.scopes.join(",") });
}
