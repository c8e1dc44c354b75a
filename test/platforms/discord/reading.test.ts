import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { conversationKey } from "../../../src/domain/conversation.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;
let thread: string;

beforeAll(async () => {
  discord = await startDiscordStandIn();
  bot = await openBot(discord);
});

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

beforeEach(() => {
  thread = discord.openThread(discord.channel);
});

interface Written {
  readonly text?: string;
  readonly user?: string;
  readonly isBot?: boolean;
  readonly type?: number;
  readonly attachments?: readonly object[];
  readonly extra?: object;
}

const byApp = { user: "Alerts", isBot: true } as const;

/** The message as it is read from the thread's history. */
async function readLater({ text = "", user = "Ann", ...written }: Written) {
  const id = discord.say({ channel: thread, user, text, ...written });
  const before = discord.say({ channel: thread, user: "Cid", text: "Well?", mention: true });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(before));
  const said = bot.core.said.find(({ message }) => message.id === before);
  assert(said);
  const { conversation, place } = said;
  const all = await bot.platform.fetchHistory({ conversation, place, before }, 100, never);
  return all.find((message) => message.id === id);
}

/** The message as it is heard at once. */
async function hear({ text = "", user = "Ann", ...written }: Written) {
  const id = discord.say({ channel: thread, user, text, ...written });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(id));
  return bot.core.said.find(({ message }) => message.id === id)?.message;
}

const alert = {
  type: "rich",
  author: { name: "Uptime" },
  title: "[FIRING] orders-api p95 above 2 s",
  url: "https://uptime.example/i/481",
  description: "3 of 5 probes fail",
  fields: [
    { name: "Region", value: "eu-central", inline: true },
    { name: "\u200B", value: "Since 09:14" },
    { name: "Runbook:", value: "restart the pool" },
    { name: "\u200B", value: "\u200B" },
  ],
  footer: { text: "rule 77" },
  timestamp: "2026-11-20T09:20:00.000Z",
};

describe("an app's card", () => {
  test("is read with all its text, from bots and from webhooks", async () => {
    const lines = [
      "Uptime",
      "[FIRING] orders-api p95 above 2 s (https://uptime.example/i/481)",
      "3 of 5 probes fail",
      "Region: eu-central",
      "Since 09:14",
      "Runbook: restart the pool",
      "rule 77 · 2026-11-20T09:20:00.000Z",
    ];
    expect((await readLater({ ...byApp, extra: { embeds: [alert] } }))?.text).toBe(lines.join("\n"));
    const hook = { user: "Hook", extra: { webhook_id: "900", embeds: [alert, { title: "Second card" }] } };
    expect((await readLater({ ...hook, text: "Alarm" }))?.text).toBe(
      ["Alarm", ...lines, "Second card"].join("\n"),
    );
  });

  test("names people, roles and channels as others see them, the bot too", async () => {
    const designers = discord.world.roles.find(({ name }) => name === "Designers")?.id;
    const description = `<@${discord.botId}> asks <@&${designers}> in <#${discord.channel}>`;
    expect((await readLater({ ...byApp, extra: { embeds: [{ description }] } }))?.text).toBe(
      "@threadkeeper asks @Designers in #general",
    );
  });

  test("under a person's link shows the linked page, and is not read", async () => {
    const embeds = [
      { type: "article", title: "Bake bread", description: "In two hours", provider: { name: "P" } },
    ];
    const link = { text: "see https://bread.example", extra: { embeds } };
    expect((await hear(link))?.text).toBe("see https://bread.example");
    expect((await readLater(link))?.text).toBe("see https://bread.example");
  });

  test("that shows only a picture is named as a picture", async () => {
    const embeds = [
      { image: { url: "https://cdn/a.png" } },
      { title: "B", image: { url: "https://cdn/b.png" } },
    ];
    expect((await hear({ ...byApp, extra: { embeds } }))?.text).toBe("[picture]\nB");
  });

  test("of any length is cut", async () => {
    const embeds = Array.from({ length: 50 }, () => ({
      description: "x".repeat(4_096),
      fields: Array.from({ length: 100 }, () => ({ name: "n", value: "v".repeat(1_024) })),
    }));
    const { text = "" } = (await readLater({ ...byApp, extra: { embeds } })) ?? {};
    expect(text).toMatch(/^x{4096}\nn: v/u);
    expect(text.length).toBeLessThan(13_000);
  });
});

describe("an app's components", () => {
  const release = [
    {
      type: 17,
      id: 1,
      accent_color: 703_487,
      spoiler: false,
      components: [
        { type: 10, id: 2, content: "# Release 7.1\nis ready to go out" },
        { type: 14, id: 3, divider: true, spacing: 1 },
        {
          type: 9,
          id: 4,
          components: [
            { type: 10, id: 5, content: "12 fixes" },
            { type: 10, id: 6, content: "2 known faults" },
          ],
          accessory: { type: 2, id: 7, style: 5, label: "Notes", url: "https://ci.example/7.1" },
        },
        {
          type: 9,
          id: 8,
          components: [{ type: 10, id: 9, content: "Owner: Mia" }],
          accessory: { type: 11, id: 10, media: { url: "https://cdn/m.png" }, description: "Mia's face" },
        },
        {
          type: 12,
          id: 11,
          items: [
            { media: { url: "https://cdn/a.png" }, description: "Load falls by half" },
            { media: { url: "https://cdn/b.png" }, description: null },
          ],
        },
        { type: 13, id: 12, file: { url: "https://cdn/log.txt" }, name: "log.txt", size: 90, spoiler: false },
        {
          type: 1,
          id: 13,
          components: [
            { type: 2, id: 14, style: 3, custom_id: "go", label: "Ship it" },
            { type: 2, id: 15, style: 4, custom_id: "no", emoji: { id: null, name: "🛑" } },
          ],
        },
        {
          type: 1,
          id: 16,
          components: [
            {
              type: 3,
              id: 17,
              custom_id: "when",
              placeholder: "When?",
              options: [
                { label: "Today", value: "1" },
                { label: "Monday", value: "2" },
              ],
            },
          ],
        },
        { type: 1, id: 18, components: [{ type: 5, id: 19, custom_id: "who", placeholder: "Who?" }] },
        { type: 99, id: 20, text: "of a later time" },
      ],
    },
  ];
  const lines = [
    "# Release 7.1",
    "is ready to go out",
    "12 fixes",
    "2 known faults",
    "[button: Notes (https://ci.example/7.1)]",
    "Owner: Mia",
    "[picture: Mia's face]",
    "[picture: Load falls by half]",
    "[picture]",
    "[button: Ship it] [button: 🛑]",
    "[menu: When? Today / Monday]",
  ];

  test("that make up a whole message are read from top to bottom", async () => {
    expect(await readLater({ ...byApp, extra: { flags: 1 << 15, components: release } })).toMatchObject({
      text: lines.join("\n"),
      attachments: [{ name: "log.txt", sizeBytes: 90 }],
    });
  });

  test("that show a listed file name it once", async () => {
    const attachments = [{ id: "1", filename: "log.txt", size: 90, content_type: "text/plain", url: "x" }];
    const read = await readLater({ ...byApp, attachments, extra: { flags: 1 << 15, components: release } });
    expect(read?.attachments).toMatchObject([{ name: "log.txt", mediaType: "text/plain", sizeBytes: 90 }]);
  });

  test("below a text and a card come last", async () => {
    const components = [{ type: 1, components: [{ type: 2, style: 1, custom_id: "a", label: "Take it" }] }];
    const extra = { embeds: [{ title: "Ticket 5" }], components };
    expect((await readLater({ ...byApp, text: "New:", extra }))?.text).toBe(
      "New:\nTicket 5\n[button: Take it]",
    );
  });

  test("that nest without end are cut", async () => {
    let nested: object = { type: 10, content: "deep" };
    for (let depth = 0; depth < 200; depth += 1) nested = { type: 17, components: [nested] };
    const components = [{ type: 10, content: "above" }, nested];
    expect((await readLater({ ...byApp, extra: { flags: 1 << 15, components } }))?.text).toBe("above");
  });
});

describe("a forwarded message", () => {
  const forward = (message: object) => ({
    extra: {
      message_reference: { type: 1, message_id: "42", channel_id: "43", guild_id: "44" },
      message_snapshots: [{ message: { type: 0, content: "", embeds: [], attachments: [], ...message } }],
    },
  });

  test.each([
    ["a text", { content: "pay by Friday\nplease" }, "[forwarded message]\n> pay by Friday\n> please"],
    [
      "a card alone",
      { embeds: [{ type: "rich", title: "Ticket 9", fields: [{ name: "Browser", value: "Firefox" }] }] },
      "[forwarded message]\n> Ticket 9\n> Browser: Firefox",
    ],
    [
      "components",
      { flags: 1 << 15, components: [{ type: 17, components: [{ type: 10, content: "Deploy 12 failed" }] }] },
      "[forwarded message]\n> Deploy 12 failed",
    ],
    [
      "a link with its preview",
      { content: "https://a.example", embeds: [{ type: "link", title: "A page" }] },
      "[forwarded message]\n> https://a.example",
    ],
    [
      "a sticker",
      { sticker_items: [{ id: "1", name: "Wow", format_type: 1 }] },
      "[forwarded message]\n> [sticker: Wow]",
    ],
    [
      "a poll",
      { poll: { question: { text: "When?" }, answers: [{ answer_id: 1, poll_media: { text: "Now" } }] } },
      "[forwarded message]\n> [poll: When? Now]",
    ],
    [
      "an answer of Threadkeeper's, without its buttons",
      {
        content: "At noon.",
        components: [
          {
            type: 1,
            components: [
              { type: 2, style: 2, label: "Regenerate", custom_id: "tk:16:regenerate:t1:" },
              { type: 2, style: 2, emoji: { name: "👍" }, custom_id: "tk:16:thumbs-up:t1:" },
              { type: 2, style: 2, label: "Take it", custom_id: "take:16" },
            ],
          },
        ],
      },
      "[forwarded message]\n> At noon.\n> [button: Take it]",
    ],
    [
      "whom it names",
      { content: "ask <@77>", mentions: [{ id: "77", username: "mia", global_name: "Mia" }] },
      "[forwarded message]\n> ask @Mia",
    ],
  ])("is quoted: %s", async (_, message, text) => {
    expect((await hear(forward(message)))?.text).toBe(text);
    expect((await readLater(forward(message)))?.text).toBe(text);
  });

  test("brings its files, and no empty quotation", async () => {
    const attachments = [{ id: "2", filename: "map.png", size: 3, description: "the way in" }];
    expect(await hear(forward({ attachments }))).toMatchObject({
      text: "[forwarded message]\n> [map.png shows: the way in]",
      attachments: [{ name: "map.png", sizeBytes: 3 }],
    });
    expect(await hear(forward({ attachments: [{ id: "2", filename: "map.png", size: 3 }] }))).toMatchObject({
      text: "[forwarded message]",
      attachments: [{ name: "map.png" }],
    });
    expect((await hear({ ...forward({}), text: "empty" }))?.text).toBe("empty");
  });
});

describe("a poll", () => {
  const poll = {
    question: { text: "Which day?" },
    answers: [
      { answer_id: 1, poll_media: { text: "Tuesday", emoji: { id: null, name: "🌮" } } },
      { answer_id: 2, poll_media: { text: "Thursday", emoji: { id: "5", name: "sun" } } },
    ],
    expiry: "2026-11-27T10:00:00Z",
    allow_multiselect: false,
    layout_type: 1,
  };

  test("is read with its answers", async () => {
    const text = "[poll: Which day? 🌮 Tuesday / :sun: Thursday]";
    expect((await hear({ extra: { poll } }))?.text).toBe(text);
    expect((await hear({ text: "vote!", extra: { poll } }))?.text).toBe(`vote!\n${text}`);
  });

  test("that is closed is read with its votes, and not before", async () => {
    const answer_counts = [{ id: 1, count: 1, me_voted: false }];
    const results = { is_finalized: true, answer_counts };
    expect((await readLater({ extra: { poll: { ...poll, results } } }))?.text).toBe(
      "[closed poll: Which day? 🌮 Tuesday: 1 vote / :sun: Thursday: 0 votes]",
    );
    const open = { ...poll, results: { is_finalized: false, answer_counts } };
    expect((await readLater({ extra: { poll: open } }))?.text).not.toContain("vote");
  });

  test.each([
    [
      [
        { name: "victor_answer_votes", value: "3" },
        { name: "victor_answer_id", value: "1" },
        { name: "victor_answer_text", value: "Tuesday" },
      ],
      "[closed poll: Which day? Tuesday won, 3 of 4 votes]",
    ],
    [
      [
        { name: "victor_answer_votes", value: "3" },
        { name: "victor_answer_emoji_name", value: "sun" },
        { name: "victor_answer_emoji_id", value: "5" },
      ],
      "[closed poll: Which day? :sun: won, 3 of 4 votes]",
    ],
    [[], "[closed poll: Which day? no single winner, 4 votes]"],
  ])("has its result", async (victor, text) => {
    const fields = [
      { name: "poll_question_text", value: "Which day?" },
      { name: "total_votes", value: "4" },
      ...victor,
    ];
    const ended = { type: 46, extra: { embeds: [{ type: "poll_result", fields }] } };
    expect((await readLater(ended))?.text).toBe(text);
  });
});

describe("the text of a message includes", () => {
  test("a voice message, and the text that comes with a picture", async () => {
    const clip = { id: "1", filename: "voice-message.ogg", size: 9, duration_secs: 4.2, waveform: "AAA=" };
    expect(await hear({ attachments: [clip], extra: { flags: 1 << 13 } })).toMatchObject({
      text: "[voice message, 4 s]",
      attachments: [{ name: "voice-message.ogg" }],
    });
    const picture = { id: "1", filename: "plan.png", size: 9, description: "the ground floor" };
    expect((await hear({ text: "here", attachments: [picture] }))?.text).toBe(
      "here\n[plan.png shows: the ground floor]",
    );
  });

  test("the user and the command of another app", async () => {
    const user = { id: "5", username: "mia", global_name: "Mia" };
    const used = (name: string) => ({ interaction: { id: "1", type: 2, name, user } });
    const slash = { ...byApp, type: 20, text: "Rain at noon", extra: used("weather") };
    expect((await readLater(slash))?.text).toBe("[Mia used /weather]\nRain at noon");
    const metadata = { id: "1", type: 2, user, authorizing_integration_owners: {} };
    const newer = { ...byApp, type: 20, text: "Rain", extra: { interaction_metadata: metadata } };
    expect((await readLater(newer))?.text).toBe("[Mia used a command]\nRain");
    const named = { interaction_metadata: { ...metadata, name: "weather" } };
    expect((await readLater({ ...newer, extra: named }))?.text).toBe("[Mia used /weather]\nRain");
    const menu = { ...byApp, type: 23, text: "Hola", extra: used("Translate it") };
    expect((await readLater(menu))?.text).toBe("[Mia used Translate it]\nHola");
  });

  test("pages of the server, and the role of everyone", async () => {
    const text = `<@&${discord.guild}> see <id:guide>, <id:browse>, <id:customize>, <id:linked-roles:7>, <id:other>`;
    expect((await hear({ text }))?.text).toBe(
      "@everyone see Server Guide, Browse Channels, Channels & Roles, Linked Roles, <id:other>",
    );
  });

  test("links in brackets, addresses, and sounds by name", async () => {
    const soundboard_sounds = [{ sound_id: "456", name: "horn", volume: 1 }];
    const text = "<https://a.example/x> [b](<https://b.example>) <kim@c.example> <+49 30 123> <sound:12:456>";
    expect((await hear({ text, extra: { soundboard_sounds } }))?.text).toBe(
      "https://a.example/x [b](https://b.example) kim@c.example +49 30 123 [sound: horn]",
    );
  });

  test("files by the titles that people see", async () => {
    const attachments = [
      { id: "1", filename: "_____.pdf", title: "Отчёт за май", size: 9, description: "all numbers" },
      { id: "2", filename: "plan.png", title: "Plan.png", size: 9 },
    ];
    expect(await hear({ attachments })).toMatchObject({
      text: "[Отчёт за май.pdf shows: all numbers]",
      attachments: [{ name: "Отчёт за май.pdf" }, { name: "Plan.png" }],
    });
  });

  test("the title of a forum post and its tags, above its first message only", async () => {
    const tags = [
      { id: "71", name: "bug" },
      { id: "72", name: "mac" },
    ];
    const forum = discord.addChannel({
      type: 15,
      name: "help",
      tags: [...tags, { id: "73", name: "done" }],
    }).id;
    const post = { user: "Ann", text: "It stops at 90 %", name: "Export hangs", tags };
    const first = discord.openPost(forum, post);
    thread = first;
    const read = await readLater({ text: "Same here" });
    expect(read?.text).toBe("Same here");
    const text = "[post: Export hangs; tags: bug, mac]\nIt stops at 90 %";
    expect(bot.core.said.find(({ message }) => message.id === first)?.message.text).toBe(text);
    const before = discord.say({ channel: first, user: "Cid", text: "Well?" });
    const where = { conversation: conversationKey(`discord:${discord.guild}:${first}`), place: "" };
    const earlier = await bot.platform.fetchHistory({ ...where, before }, 100, never);
    expect(earlier[0]?.text).toBe(text);
  });

  test("the same parts after an edit", async () => {
    const embeds = [{ type: "rich", title: "Ticket 3" }];
    const message_snapshots = [{ message: { content: "", embeds, attachments: [] } }];
    const message_reference = { type: 1, message_id: "42", channel_id: "43" };
    const said = await hear({ text: "loook", extra: { message_reference, message_snapshots } });
    assert(said);
    discord.edit(said.id, "look");
    await eventually(() =>
      expect(bot.core.accepted.at(-1)).toMatchObject({
        kind: "edited",
        text: "look\n[forwarded message]\n> Ticket 3",
      }),
    );
  });
});
