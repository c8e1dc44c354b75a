import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";
import { z } from "zod";

import { reset } from "../../../src/commands/reset.ts";
import { summary } from "../../../src/commands/summary.ts";

const manifestSchema = z.object({
  features: z.object({
    agent_view: z.object({
      agent_description: z.string().max(300),
      suggested_prompts: z.array(z.unknown()).max(4),
    }),
    bot_user: z.object({ display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/u) }),
    app_home: z.object({
      messages_tab_enabled: z.literal(true),
      messages_tab_read_only_enabled: z.literal(false),
    }),
    slash_commands: z.array(z.object({ command: z.string().max(32), usage_hint: z.string().optional() })),
    shortcuts: z.array(
      z.object({ type: z.literal("message"), callback_id: z.string(), name: z.string().max(24) }),
    ),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.literal(true) }),
    socket_mode_enabled: z.literal(true),
  }),
});

test("the app manifest offers every command that there is, in each way that Slack has", async () => {
  const text = await readFile(new URL("../../../docs/slack-manifest.json", import.meta.url), "utf8");
  const { features } = manifestSchema.parse(JSON.parse(text));
  const names = [reset, summary].map(({ definition }) => definition.name);
  expect(features.slash_commands.map(({ command }) => command)).toEqual(names.map((name) => `/${name}`));
  expect(features.shortcuts.map((shortcut) => shortcut.callback_id)).toEqual(
    names.map((name) => `threadkeeper_${name}`),
  );
  const hints = [reset, summary].map(({ definition: { options } }) =>
    options.length === 0 ? undefined : `[${options.map((option) => option.word).join("|")}]`,
  );
  expect(features.slash_commands.map((each) => each.usage_hint)).toEqual(hints);
});

test("the app manifest asks for the history that each kind of message needs", async () => {
  const text = await readFile(new URL("../../../docs/slack-manifest.json", import.meta.url), "utf8");
  const { settings, oauth_config: oauth } = manifestSchema.parse(JSON.parse(text));
  const kinds = ["channels", "groups", "im", "mpim"];
  expect(settings.event_subscriptions.bot_events).toEqual([
    "app_mention",
    ...kinds.map((kind) => `message.${kind}`),
  ]);
  const needed = ["app_mentions:read", "chat:write", "commands", "users:read"];
  expect(oauth.scopes.bot).toEqual(
    expect.arrayContaining([...needed, ...kinds.map((kind) => `${kind}:history`)]),
  );
});
