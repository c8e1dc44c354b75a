import { afterAll, assert, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { answered, commandIn, contentsOf } from "../../support/discord/waits.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;
let core: Core;

beforeAll(async () => {
  discord = await startDiscordStandIn();
});

afterAll(async () => {
  await discord[Symbol.asyncDispose]();
});

beforeEach(async () => {
  discord.heal();
  core = new Core();
  bot = await openBot(discord, core);
  return () => bot[Symbol.asyncDispose]();
});

describe("the registration of commands", () => {
  test("is written only when Discord's list differs", async () => {
    const registered = () => discord.calls("PUT", /commands$/u).length;
    const before = registered();
    await using again = await openBot(discord);
    expect(again.platform.health().ok).toBe(true);
    expect(registered()).toBe(before);

    discord.world.commands = [];
    await using third = await openBot(discord);
    expect(third.platform.health().ok).toBe(true);
    expect(registered()).toBe(before + 1);
    expect(discord.world.commands).toMatchObject([
      {
        name: "reset",
        description: "Start afresh",
        options: [{ type: 3, name: "conversation", autocomplete: true }],
        integration_types: [0, 1],
        contexts: [0, 1, 2],
      },
      {
        name: "summary",
        options: [
          { type: 3, name: "since", description: "only since then", max_length: 500, autocomplete: true },
          {
            type: 3,
            name: "conversation",
            autocomplete: true,
            description_localizations: { de: "welches Gespräch in diesem Kanal" },
          },
          { type: 5, name: "share", description: "show it to everybody" },
        ],
      },
      {
        name: "recall",
        options: [
          { type: 3, name: "words", required: true, max_length: 500 },
          { type: 5, name: "share" },
          { type: 5, name: "old" },
        ],
      },
      { name: "help", integration_types: [0, 1], contexts: [0, 1, 2] },
      {
        name: "ask",
        options: [{ name: "question", required: true }],
        integration_types: [1],
        contexts: [0, 2],
      },
      {
        type: 3,
        name: "Ask about this",
        name_localizations: { de: "Dazu etwas fragen" },
        integration_types: [0, 1],
        contexts: [0, 1, 2],
      },
      { type: 3, name: "Summarise from here", name_localizations: { de: "Ab hier zusammenfassen" } },
    ]);
  });

  test.each([
    ["an option's text", { options: [{ type: 3, name: "since", description: "Another", max_length: 500 }] }],
    ["whether an option must be given", { options: [{ required: true }] }],
    ["how long it may be", { options: [{ max_length: 20 }] }],
    ["whether it is completed", { options: [{ autocomplete: false }] }],
    ["an option's text in one language", { options: [{ description_localizations: { ja: "Another" } }] }],
  ])("is written again when Discord's list differs: %s", async (_, { options: [change] }) => {
    const known = JSON.stringify(discord.world.commands);
    const changed: { name: string; options: object[] }[] = JSON.parse(known);
    const field = changed.find(({ name }) => name === "summary")?.options[0];
    assert(field);
    Object.assign(field, change);
    discord.world.commands = changed;
    await using again = await openBot(discord);

    expect(again.platform.health().ok).toBe(true);
    expect(discord.world.commands).toHaveLength(changed.length);
    expect(JSON.stringify(discord.world.commands)).not.toContain("Another");
    const slashes = (json: string): { name: string; options: object[] }[] =>
      JSON.parse(json).filter(({ type }: { type: number }) => type === 1);
    expect(slashes(JSON.stringify(discord.world.commands))).toMatchObject(
      slashes(known).map(({ name, options }) => ({ name, options })),
    );
  });

  test("is written again when Discord's list differs: a menu's name in one language", async () => {
    const known = JSON.stringify(discord.world.commands);
    discord.world.commands = JSON.parse(known.replace("Dazu etwas fragen", "Dazu"));
    await using again = await openBot(discord);
    expect(again.platform.health().ok).toBe(true);
    expect(JSON.stringify(discord.world.commands)).toContain("Dazu etwas fragen");
  });

  test("may fail without stopping the bot", async () => {
    discord.fail({ path: /commands$/u, status: 500 });
    await using other = await openBot(discord);

    expect(other.platform.health().ok).toBe(true);
    expect(other.log.map(({ message }) => message)).toContain(
      "could not register the slash commands; restart to try again",
    );
  });
});

describe("a slash command", () => {
  test("in a thread is stored first, then deferred with a private response", async () => {
    const thread = discord.openThread(discord.channel);
    const gate = Promise.withResolvers<void>();
    core.gate = gate.promise;
    const interaction = discord.slash({ channel: thread, user: "Ann", name: "summary", options: ["share"] });
    await eventually(() => expect(core.tries).toBe(1));
    expect(interaction.callbacks).toEqual([]);
    gate.resolve();

    await answered(interaction);
    expect(interaction.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
    expect(await commandIn(core)).toMatchObject({
      conversation: `discord:${discord.guild}:${thread}`,
      place: `${discord.guild}:${discord.channel}`,
      dedupeId: `discord:interaction:${interaction.id}`,
      name: "summary",
      argument: "share",
      by: { id: discord.world.user("Ann").id, name: "Ann" },
    });
  });

  test("in a DM is about the DM", async () => {
    const direct = discord.directWith("Ann");
    discord.slash({ channel: direct, user: "Ann", name: "reset" });

    expect(await commandIn(core)).toMatchObject({ conversation: `discord:dm:${direct}`, argument: "" });
  });

  test("is stored after the messages written before it", async () => {
    const direct = discord.directWith("Ann");
    // At full speed the command would lose its patience sooner than the store recovers.
    bot.clock.speed = 1;
    core.outages = 1;
    discord.say({ channel: direct, user: "Ann", text: "Remember this" });
    discord.slash({ channel: direct, user: "Ann", name: "summary" });

    await eventually(() => expect(core.accepted).toHaveLength(2));
    expect(core.accepted.map(({ kind }) => kind)).toEqual(["said", "commanded"]);
  });

  test("in a channel offers its recent conversations, and the choice is the command", async () => {
    const place = `${discord.guild}:${discord.channel}`;
    core.list(place, `discord:${discord.guild}:71`, "Lunch");
    core.list(place, `discord:${discord.guild}:72`, "");
    core.list("elsewhere", `discord:${discord.guild}:73`, "Hidden");
    const interaction = discord.slash({ channel: discord.channel, user: "Ann", name: "reset" });
    await answered(interaction);

    expect(interaction.callbacks).toMatchObject([{ type: 4, data: { flags: 68 } }]);
    const options = [
      { label: "Lunch", value: "71", description: "1 h ago" },
      { label: "(no text)", value: "72", description: "1 h ago" },
    ];
    expect(interaction.original).toMatchObject([
      { content: "Which conversation is `/reset` for?", components: [{ components: [{ options }] }] },
    ]);
    const [, customId = ""] = /"custom_id":"([^"]+)"/u.exec(JSON.stringify(interaction.original)) ?? [];
    const press = { channel: discord.channel, user: "Ann", customId };
    const choice = discord.press({ ...press, values: ["72"] });
    const command = await commandIn(core);
    expect(command).toMatchObject({ conversation: `discord:${discord.guild}:72`, name: "reset" });
    await bot.platform.sendPrivately(command.replyTo, ["Done."], never);
    expect(choice.original.at(-1)).toMatchObject({
      content: "In this conversation:\n\nDone.",
      components: [],
    });
  });

  test("for a picked conversation gets an answer with its name", async () => {
    const thread = discord.openThread(discord.channel);
    const place = `${discord.guild}:${discord.channel}`;
    core.list(place, `discord:${discord.guild}:${thread}`, "Lunch");
    core.list(place, `discord:${discord.guild}:71`, `*Dinner* ${"x".repeat(100)}`);
    const press = { channel: discord.channel, user: "Ann", customId: "threadkeeper:pick:summary:" };
    const choices = [thread, "71"].map((value) => discord.press({ ...press, values: [value] }));
    await eventually(() => expect(core.commanded).toHaveLength(2));
    for (const { replyTo } of core.commanded) {
      await bot.platform.sendPrivately(replyTo, ["x".repeat(bot.platform.limits.postChars), "Two"], never);
    }

    const long = "x".repeat(bot.platform.limits.postChars);
    expect(choices.map(({ original }) => contentsOf(original).at(-1))).toEqual([
      `In <#${thread}>:\n\n${long}\nTwo`,
      `In “Dinner ${"x".repeat(52)}…”:\n\n${long}\nTwo`,
    ]);
  });

  test("in a channel offers the ten newest conversations, and never the channel itself", async () => {
    const place = `${discord.guild}:${discord.channel}`;
    core.list(place, `discord:${place}`, "");
    for (let n = 1; n <= 12; n += 1) core.list(place, `discord:${discord.guild}:${n}`, `Talk ${n}`);
    const interaction = discord.slash({ channel: discord.channel, user: "Ann", name: "reset" });
    await answered(interaction);
    const offered = [...JSON.stringify(interaction.original).matchAll(/"label":"([^"]+)"/gu)].map(
      ([, label]) => label,
    );
    expect(offered).toEqual(Array.from({ length: 10 }, (_, n) => `Talk ${n + 1}`));

    const customId = "threadkeeper:pick:reset:";
    const choice = discord.press({
      channel: discord.channel,
      user: "Eve",
      customId,
      values: [discord.channel],
    });
    await answered(choice);
    expect(contentsOf(choice.original)).toEqual(["That conversation was deleted."]);
  });

  test("refuses a choice that was never offered", async () => {
    const customId = "threadkeeper:pick:summary:";
    const choice = discord.press({ channel: discord.channel, user: "Eve", customId, values: ["999"] });
    await answered(choice);

    expect(contentsOf(choice.original)).toEqual(["That conversation was deleted."]);
    expect(core.accepted).toEqual([]);
  });

  test("in a channel without conversations says so", async () => {
    const interaction = discord.slash({ channel: discord.channel, user: "Ann", name: "reset" });
    await answered(interaction);

    expect(contentsOf(interaction.original)).toEqual(["No conversations here yet. Mention me to start one."]);
  });

  test("in a channel waits for the choice, or says where to use it", async () => {
    core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:71`, "Lunch");
    const slash = { channel: discord.channel, user: "Ann", name: "summary", options: ["share"] };
    const short = discord.slash({ ...slash, text: { since: "10:15" } });
    await answered(short);
    expect(contentsOf(short.original)).toEqual(["Which conversation is `/summary share 10:15` for?"]);
    const [, customId = ""] = /"custom_id":"([^"]+)"/u.exec(JSON.stringify(short.original)) ?? [];
    discord.press({ channel: discord.channel, user: "Ann", customId, values: ["71"] });
    expect(await commandIn(core)).toMatchObject({ argument: "share 10:15" });

    const long = discord.slash({ ...slash, text: { since: "x".repeat(100) } });
    await answered(long);
    expect(contentsOf(long.original)).toEqual([
      "That's too long here. Use the command in the thread instead.",
    ]);
  });

  test("about a place runs at once in a channel, for the channel", async () => {
    core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:71`, "Lunch");
    const slash = { channel: discord.channel, user: "Ann", name: "recall", text: { words: "lunch" } };
    const interaction = discord.slash(slash);
    await answered(interaction);

    expect(interaction.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
    const command = await commandIn(core);
    expect(command).toMatchObject({
      name: "recall",
      argument: "lunch",
      conversation: `discord:${discord.guild}:${discord.channel}`,
      place: `${discord.guild}:${discord.channel}`,
    });
    await bot.platform.sendPrivately(command.replyTo, ["Nothing."], never);
    expect(contentsOf(interaction.original)).toEqual(["Nothing."]);
  });

  test("about a place runs for the thread in a thread, and for the DM in a DM", async () => {
    const places = [discord.openThread(discord.channel), discord.directWith("Ann")];
    for (const channel of places)
      discord.slash({ channel, user: "Ann", name: "recall", text: { words: "x" } });
    await eventually(() => expect(core.commanded).toHaveLength(2));

    expect(new Set(core.commanded.map(({ conversation }) => conversation))).toEqual(
      new Set([`discord:${discord.guild}:${places[0]}`, `discord:dm:${places[1]}`]),
    );
  });

  test.each([
    ["words, then the text, as they would be typed", { options: ["old", "share"] }, "share old the plan"],
    ["no switch that is off", { options: ["old"], off: ["share"] }, "old the plan"],
    ["the text alone", {}, "the plan"],
    [
      "a text that begins with an option word, as a text",
      { text: { words: "Share prices" } },
      '"Share prices"',
    ],
    ["a text that ends with one", { text: { words: " prices we share" } }, '"prices we share"'],
    [
      "markup as people see it",
      { text: { words: "<#1> <t:0> <:wave:12>" } },
      "#a channel 1970-01-01T00:00:00.000Z :wave:",
    ],
  ])("gives %s", async (_, given, argument) => {
    discord.slash({
      channel: discord.channel,
      user: "Ann",
      name: "recall",
      text: { words: "the plan" },
      ...given,
    });
    expect(await commandIn(core)).toMatchObject({ argument });
  });

  test("of an older version is passed on with its switches", async () => {
    const direct = discord.directWith("Ann");
    discord.slash({ channel: direct, user: "Ann", name: "ancient", options: ["b", "a"] });
    expect(await commandIn(core)).toMatchObject({ name: "ancient", argument: "b a" });
  });

  const tryAgain = "I can't reach my memory right now. Please try again in a few minutes.";
  const entry = { customId: "threadkeeper:pick:reset:", values: ["71"] };

  test.each([
    ["a command", () => discord.slash({ channel: discord.directWith("Ann"), user: "Ann", name: "reset" })],
    ["a command in a channel", () => discord.slash({ channel: discord.channel, user: "Ann", name: "reset" })],
    ["a choice", () => discord.press({ channel: discord.channel, user: "Ann", ...entry })],
  ])("%s that can't be stored gets a private error at once, and does not run later", async (_, order) => {
    core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:71`, "Lunch");
    core.outages = Infinity;
    const interaction = order();
    await answered(interaction);
    expect(contentsOf(interaction.original)).toEqual([tryAgain]);
    expect(interaction.callbacks).toMatchObject([{ type: 4, data: { flags: 68 } }]);

    core.outages = 0;
    const direct = discord.directWith("Ann");
    discord.say({ channel: direct, user: "Ann", text: "The store is back" });
    await eventually(() => expect(core.said).toHaveLength(1));
    expect(core.commanded).toEqual([]);
  });

  test("gets an answer within 3 s when the store hangs, and does not run when the store recovers", async () => {
    const asleep = Promise.withResolvers<void>();
    core.gate = asleep.promise;
    const direct = discord.directWith("Ann");
    // What waits to be stored in the same place costs time as well.
    bot.clock.speed = 1;
    discord.say({ channel: direct, user: "Ann", text: "Before" });
    const interaction = discord.slash({ channel: direct, user: "Ann", name: "reset" });
    await vi.waitFor(() => expect(interaction.callbacks).toMatchObject([{ type: 4 }]), { timeout: 2_900 });
    expect(contentsOf(interaction.original)).toEqual([tryAgain]);

    asleep.resolve();
    await eventually(() => expect(core.said).toHaveLength(1));
    expect(core.commanded).toEqual([]);
  });

  test("that arrives too late for an answer affects nothing else", async () => {
    await using strict = await startDiscordStandIn({ interactionDeadlineMs: -1 });
    await using other = await openBot(strict);
    strict.slash({ channel: strict.directWith("Ann"), user: "Ann", name: "reset" });

    await eventually(() =>
      expect(other.log.map(({ message }) => message)).toContain("could not respond to a Discord interaction"),
    );
    expect(other.core.commanded).toHaveLength(1);
    expect(other.platform.health().ok).toBe(true);
  });
});

describe("a private answer", () => {
  async function slashed(user = "Ann") {
    const thread = discord.openThread(discord.channel);
    const interaction = discord.slash({ channel: thread, user, name: "summary" });
    const { replyTo } = await commandIn(core);
    return { thread, interaction, replyTo };
  }

  test("fills the deferred response, then follows up, in order and without pings", async () => {
    const { thread, interaction, replyTo } = await slashed();
    const texts = ["One ", "Two ", "Three ", "Four ", "Five"].map((text) => text.padEnd(1_500, "x"));
    await bot.platform.sendPrivately(replyTo, texts, never);

    expect(contentsOf(interaction.original)).toEqual([texts.slice(0, 2).join("\n")]);
    expect(contentsOf(interaction.followUps)).toEqual([texts.slice(2, 4).join("\n"), texts[4]]);
    // The last one is short enough for plain content.
    expect(interaction.followUps).toMatchObject([{ flags: 64 | (1 << 15) }, { flags: 68 }]);
    for (const { allowedMentions } of [...interaction.original, ...interaction.followUps]) {
      expect(allowedMentions).toEqual({ parse: [], replied_user: false });
    }
    expect(discord.posts(thread)).toEqual([]);
  });

  test("waits for the deferral to be acknowledged", async () => {
    discord.fail({ path: /callback$/u, delayMs: 200 });
    const { interaction, replyTo } = await slashed();
    await bot.platform.sendPrivately(replyTo, ["Quick"], never);

    expect(contentsOf(interaction.original)).toEqual(["Quick"]);
  });

  test("sent twice does not replace the first", async () => {
    const { interaction, replyTo } = await slashed();
    await bot.platform.sendPrivately(replyTo, ["A notice"], never);
    await bot.platform.sendPrivately(replyTo, ["The summary"], never);

    expect(contentsOf(interaction.original)).toEqual(["A notice"]);
    expect(contentsOf(interaction.followUps)).toEqual(["The summary"]);
  });

  test("goes to a DM when the interaction has expired, by our clock or by Discord's", async () => {
    const first = await slashed("Kim");
    bot.clock.aheadMs = 15 * 60_000;
    await bot.platform.sendPrivately(first.replyTo, ["Late"], never);
    expect(first.interaction.original).toEqual([]);
    bot.clock.aheadMs = 6_000;
    first.interaction.isExpired = true;
    await bot.platform.sendPrivately(first.replyTo, ["Dead"], never);

    expect(discord.posts(discord.directWith("Kim")).map(({ content }) => content)).toEqual(["Late", "Dead"]);
  });

  test("fails if the asker's DMs are closed as well", async () => {
    const { interaction, replyTo } = await slashed("Lea");
    interaction.isExpired = true;
    bot.clock.aheadMs = 6_000;
    discord.closeDirects("Lea");

    await expect(bot.platform.sendPrivately(replyTo, ["Anybody?"], never)).rejects.toMatchObject({
      kind: "forbidden",
    });
  });

  test("a shared answer is posted in the thread for all, and is found again", async () => {
    const { thread, replyTo } = await slashed();
    const shared = post("A summary", { turn: "shared" });
    const id = await bot.platform.createPost(replyTo, shared, never);

    expect(discord.posts(thread)).toMatchObject([{ content: "A summary" }]);
    expect(await bot.platform.findPost(replyTo, shared, bot.clock.nowMs() - 180_000, never)).toBe(id);
  });

  test("a written command is answered in a DM; where DMs are closed, only a notice appears in place", async () => {
    const thread = discord.openThread(discord.channel);
    for (const user of ["Mia", "Ned"]) discord.say({ channel: thread, user, text: "reset", mention: true });
    discord.closeDirects("Ned");
    await eventually(() => expect(core.said).toHaveLength(2));
    for (const { replyTo } of core.said) await bot.platform.sendPrivately(replyTo, ["Fresh start."], never);

    expect(discord.posts(discord.directWith("Mia"))).toMatchObject([{ content: "Fresh start." }]);
    expect(discord.posts(thread)).toMatchObject([
      {
        content: expect.stringMatching(/can't DM you/u),
        replyTo: core.said[1]?.message.id,
      },
    ]);
    expect(JSON.stringify(discord.posts(thread))).not.toContain("Fresh start.");
  });

  test("a question that can't reach its person because of closed DMs counts as not asked", async () => {
    const thread = discord.openThread(discord.channel);
    discord.say({ channel: thread, user: "Pam", text: "forget this", mention: true });
    discord.closeDirects("Pam");
    await eventually(() => expect(core.said).toHaveLength(1));
    const to = core.said[0]?.replyTo;
    assert(to);
    const choices = [{ label: "Delete for good", name: "forget", argument: "this yes" }];
    const offer = { id: "offer", atMs: bot.clock.nowMs(), choices, orElse: "Reply `yes`." };
    const asking = bot.platform.sendPrivately(to, ["This deletes everything."], never, offer);

    await expect(asking).rejects.toMatchObject({ kind: "forbidden" });
    expect(discord.posts(thread)).toMatchObject([{ content: expect.stringMatching(/can't DM you/u) }]);
  });

  test("a private answer in a DM is posted there once, even if it is sent twice", async () => {
    const direct = discord.directWith("Oli");
    discord.say({ channel: direct, user: "Oli", text: "/reset" });
    await eventually(() => expect(core.said).toHaveLength(1));
    const to = core.said[0]?.replyTo;
    assert(to);
    await bot.platform.sendPrivately(to, ["Fresh start."], never);
    await bot.platform.sendPrivately(to, ["Fresh start."], never);

    expect(discord.posts(direct)).toMatchObject([{ content: "Fresh start." }]);
  });
});
