import { describe, expect, test } from "vitest";

import { commandsWith } from "../../../src/commands/all-commands.ts";
import { ask } from "../../../src/commands/ask.ts";
import type { CommandDefinition } from "../../../src/domain/command.ts";
import { eventsInSource, methodsAt, methodsInSource } from "../../support/slack/read-of-slack.ts";
import { readManifest } from "../../support/slack/slack-manifest.ts";
import { scopesIn, scopesOfEvents, scopesOfMethods } from "../../support/slack/slack-scopes.ts";
import { nodesIn } from "../../support/texts/syntax-nodes.ts";

const manifest = readManifest("slack-manifest.json");
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

test("the app manifest has every command, under a name that Slack does not use itself", () => {
  const { features } = manifest;
  const wanted = definitions.map((definition) => ({
    command: slacksOwn.has(definition.name) ? `/tk-${definition.name}` : `/${definition.name}`,
    usage_hint: hintFor(definition),
  }));
  const offered = features.slash_commands.map(({ command, usage_hint }) => ({ command, usage_hint }));
  expect(offered).toEqual(wanted);
});

test("the app manifest suggests four different prompts", () => {
  const { suggested_prompts: prompts } = manifest.features.agent_view;
  expect(prompts).toHaveLength(4);
  expect(new Set(prompts.map(({ title }) => title)).size).toBe(4);
  expect(new Set(prompts.map(({ message }) => message)).size).toBe(4);
});

test("the message shortcuts of the app manifest ask by a form, or are commands without a required argument", () => {
  const { features } = manifest;
  expect(features.shortcuts.map((shortcut) => shortcut.callback_id)).toEqual([
    "threadkeeper_ask",
    "threadkeeper_reset",
    "threadkeeper_summary",
  ]);
  expect(ask.definition.name).toBe("ask");
  for (const { callback_id: callback } of features.shortcuts.slice(1)) {
    const definition = definitions.find(({ name }) => callback === `threadkeeper_${name}`);
    expect(definition?.text?.isRequired ?? false).toBe(false);
    expect(definition?.scope).toBe("conversation");
  }
});

/** The kinds of places of which each list of scopes has one. The members of group DMs are left out: see docs/slack.md. */
const families = { history: ["channels", "groups", "im", "mpim"], read: ["channels", "groups", "im"] };
const used = new Set(methodsInSource().map(({ name }) => name));
const { bot: scopes, bot_optional: optional = [] } = manifest.oauth_config.scopes;
const { bot_events: events } = manifest.settings.event_subscriptions;

function familiesOf(entry: string): readonly string[] {
  return entry.endsWith(":history") ? families.history : families.read;
}

test("the scopes of the app manifest are those of what the source calls, reads and offers, and no others", () => {
  expect([...used].toSorted()).toEqual(Object.keys(scopesOfMethods).toSorted());
  const needed = [
    ...Object.values(scopesOfMethods).flatMap((entry) => scopesIn(entry, familiesOf(entry))),
    ...events.flatMap((event) => scopesIn(scopesOfEvents[event] ?? "", [""])),
    // Of the slash commands and shortcuts.
    "commands",
  ];
  expect([...scopes, ...optional]).toEqual([...new Set(needed)].toSorted());
});

test("the app manifest subscribes to what the source reads, and to nothing else", () => {
  const read = new Set(eventsInSource().map(({ name }) => name));
  expect(events).toEqual([...new Set(events)].toSorted());
  expect(new Set(events.map((event) => event.replace(/^message\..*/u, "message")))).toEqual(read);
  expect(events.filter((event) => event.startsWith("message."))).toEqual(
    families.history.map((kind) => `message.${kind}`),
  );
  expect(Object.keys(scopesOfEvents).toSorted()).toEqual(events);
});

test("the app has a Home tab if the source fills one", () => {
  expect(manifest.features.app_home.home_tab_enabled).toBe(used.has("views.publish"));
});

describe("a method is found", () => {
  const methodsOf = (code: string): readonly string[] => [
    ...new Set(nodesIn("a.ts", code).flatMap((node) => methodsAt(node, "a.ts"))),
  ];

  test.each([
    ["as a call of the client", "api.call((client) => client.pins.add({}))", ["pins.add"]],
    ["under another name of the client", "await web.users.profile.get()", ["users.profile.get"]],
    ["as a part of the client", "const { pins } = client; pins.add({})", ["pins.add"]],
    ["passed on", "const list = client.team.info;", ["team.info"]],
    ["in brackets", 'client["team"]["info"]()', ["team.info"]],
    ["as a text", 'const method = isNew ? "views.push" : "views.update"', ["views.push", "views.update"]],
    ["but not a field of another thing", "message.files.length + view.state.values", []],
  ])("%s", (_, code, found) => expect(methodsOf(code)).toEqual(found));

  test.each(["client[family].list()", "client.users[name]()", "client.apiCall(`users.${name}`)"])(
    "or refused, since its name is computed: %s",
    (code) => expect(() => methodsOf(code)).toThrow("computes"),
  );
});

test("the manifest for HTTP is the same, with a URL wherever Slack sends something", () => {
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
  expect(readManifest("slack-http-manifest.json")).toEqual(overHttp(manifest));
});
