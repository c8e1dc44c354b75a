import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";
import { z } from "zod";

import { commandsWith } from "../../../src/commands/all-commands.ts";
import type { CommandDefinition } from "../../../src/domain/command.ts";

const manifestSchema = z.object({
  features: z.object({
    agent_view: z.object({
      agent_description: z.string().max(300),
      // https://docs.slack.dev/reference/app-manifest
      suggested_prompts: z
        .array(z.strictObject({ title: z.string().min(1), message: z.string().min(1) }))
        .max(4),
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

async function manifest() {
  const text = await readFile(new URL("../../../docs/slack-manifest.json", import.meta.url), "utf8");
  return manifestSchema.parse(JSON.parse(text));
}

const definitions = commandsWith({ makesImages: true }).map(({ definition }) => definition);

/** Names reserved by Slack or used by its client: https://slack.com/help/articles/201259356. */
const slacksOwn = new Set(
  "active apps archive away call collapse commands dm dnd expand feed feedback help invite join keys kick leave me msg mute open pro remind remove rename search shortcuts shrug star status topic who".split(
    " ",
  ),
);

function hintFor({ text, options }: CommandDefinition): string | undefined {
  const free = text === undefined ? [] : [text.isRequired ? `<${text.name}>` : `[${text.name}]`];
  const words = options.length === 0 ? [] : [`[${options.map(({ word }) => word).join("|")}]`];
  const hint = [...free, ...words].join(" ");
  return hint === "" ? undefined : hint;
}

test("the app manifest has every command, under a name that Slack does not use itself", async () => {
  const { features } = await manifest();
  const wanted = definitions.map((definition) => ({
    command: slacksOwn.has(definition.name) ? `/tk-${definition.name}` : `/${definition.name}`,
    usage_hint: hintFor(definition),
  }));
  const offered = features.slash_commands.map(({ command, usage_hint }) => ({ command, usage_hint }));
  expect(offered).toEqual(wanted);
});

test("the app manifest suggests four different prompts", async () => {
  const { suggested_prompts: prompts } = (await manifest()).features.agent_view;
  expect(prompts).toHaveLength(4);
  expect(new Set(prompts.map(({ title }) => title)).size).toBe(4);
  expect(new Set(prompts.map(({ message }) => message)).size).toBe(4);
});

test("the message shortcuts of the app manifest are commands without a required argument", async () => {
  const { features } = await manifest();
  expect(features.shortcuts.map((shortcut) => shortcut.callback_id)).toEqual([
    "threadkeeper_reset",
    "threadkeeper_summary",
  ]);
  for (const { callback_id: callback } of features.shortcuts) {
    const definition = definitions.find(({ name }) => callback === `threadkeeper_${name}`);
    expect(definition?.text?.isRequired ?? false).toBe(false);
    expect(definition?.scope).toBe("conversation");
  }
});

test("the app manifest has the history scope for each subscribed kind of message", async () => {
  const { settings, oauth_config: oauth } = await manifest();
  const kinds = ["channels", "groups", "im", "mpim"];
  expect(settings.event_subscriptions.bot_events).toEqual([
    "agent_session_stopped",
    "agent_session_title_changed",
    "app_mention",
    "channel_id_changed",
    ...kinds.map((kind) => `message.${kind}`),
  ]);
  const needed = ["app_mentions:read", "chat:write", "commands", "users:read"];
  expect(oauth.scopes.bot).toEqual(
    expect.arrayContaining([...needed, ...kinds.map((kind) => `${kind}:history`)]),
  );
});

test("the manifest for HTTP is the same, with a URL wherever Slack sends something", async () => {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(new URL(`../../../docs/${name}`, import.meta.url), "utf8"));
  const url = "https://your.host/slack/events";
  const overHttp = (value: unknown, name = ""): unknown => {
    if (Array.isArray(value)) return value.map((each) => overHttp(each, name));
    if (typeof value !== "object" || value === null) return name === "socket_mode_enabled" ? false : value;
    const parts = Object.entries(value).map(([key, each]) => [key, overHttp(each, key)]);
    const at = { slash_commands: "url", event_subscriptions: "request_url", interactivity: "request_url" }[
      name
    ];
    return { ...Object.fromEntries(parts), ...(at === undefined ? {} : { [at]: url }) };
  };
  expect(await read("slack-http-manifest.json")).toEqual(overHttp(await read("slack-manifest.json")));
});
