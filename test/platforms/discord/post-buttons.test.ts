import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { Action } from "../../../src/domain/action.ts";
import type { Pressed } from "../../../src/domain/inbound.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { parseActionId, toActionRows } from "../../../src/platforms/discord/wire/action-buttons.ts";
import { actionsContract } from "../../contracts/actions-contract.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { contentsOf } from "../../support/discord/waits.ts";
import type { Interaction } from "../../support/discord/world.ts";
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
  core = new Core();
  bot = await openBot(discord, core);
  return () => bot[Symbol.asyncDispose]();
});

const stop = (on: string): Action => ({
  id: "stop",
  label: "Stop it",
  style: "button",
  emphasis: "danger",
  on,
  value: "now: or never",
});

interface Asked {
  readonly id: string;
  readonly to: ReplyAddress;
}

async function ask(channel: string, replyTo?: string): Promise<Asked> {
  const reference = replyTo === undefined ? {} : { replyTo };
  const id = discord.say({ channel, user: "Ann", text: "Shall we?", mention: true, ...reference });
  await eventually(() => expect(core.said.at(-1)?.message.id).toBe(id));
  const to = core.said.at(-1)?.replyTo;
  assert(to);
  return { id, to };
}

async function showButton(
  { to }: Pick<Asked, "to">,
  on = "turn_of-16-chars",
): Promise<{ readonly id: string; readonly message: string; readonly channel: string }> {
  const turn = `turn-${discord.world.ids.next()}`;
  const id = await bot.platform.createPost(to, post("May I?", { turn, actions: [stop(on)] }), never);
  const [channel = "", message = ""] = id.split("/");
  return { id, message, channel };
}

/** The presses, when there are so many. */
async function presses(count: number): Promise<readonly Pressed[]> {
  const pressed = () => core.accepted.filter((each) => each.kind === "pressed");
  await eventually(() => expect(pressed()).toHaveLength(count));
  return pressed();
}

const responseTo = ({ callbacks }: Interaction) =>
  eventually(() => {
    assert(callbacks[0]);
    return callbacks[0];
  });

/** What only the person saw. */
function privateTexts({ callbacks, original, followUps }: Interaction): readonly string[] {
  const shown = callbacks.some(({ type }) => type === 4) ? original.slice(-1) : [];
  return contentsOf([...shown, ...followUps].filter(({ flags }) => (flags & 64) !== 0));
}

describe("buttons under posts on Discord", () => {
  actionsContract(async () => {
    discord.forgetNonces();
    const { id, to } = await ask(discord.channel);
    const pressesOf = new Map<string, Interaction[]>();
    const answered = async (user: string, interaction: Interaction): Promise<void> => {
      pressesOf.set(user, [...(pressesOf.get(user) ?? []), interaction]);
      await responseTo(interaction);
    };
    return {
      platform: bot.platform,
      to,
      conversation: `discord:${discord.guild}:${id}`,
      people: ["Ann", "Ben"],
      accepted: core.accepted,
      buttonsUnder: (shownPost) => {
        const [channel = "", message = ""] = shownPost.split("/");
        const shown = discord.posts(channel).find((each) => each.id === message);
        return (shown?.buttons ?? []).map((label) => ({
          label,
          press: (user, times = 1) => answered(user, discord.pressUnder({ message, user, label, times })),
        }));
      },
      sendForm: async (user, text) => {
        const press = pressesOf.get(user)?.at(-1);
        assert(press);
        await answered(user, discord.submitForm(press, text));
      },
      toldPrivately: (person) => (pressesOf.get(person) ?? []).flatMap(privateTexts),
      breakStore: () => {
        core.outages = Infinity;
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  });
});

describe("a button under a post", () => {
  test("stands in a thread with all its labels, and disappears with an edit without it", async () => {
    const asked = await ask(discord.channel);
    const { id, message, channel } = await showButton(asked);
    expect(channel).toBe(asked.id);
    expect(discord.posts(channel)).toMatchObject([{ content: "May I?", buttons: ["Stop it"] }]);
    const press = discord.pressUnder({ message, user: "Ben", label: "Stop it" });
    const [pressed] = await presses(1);
    expect(pressed).toMatchObject({
      conversation: `discord:${discord.guild}:${asked.id}`,
      platform: "discord",
      place: `${discord.guild}:${discord.channel}`,
      action: "stop",
      on: "turn_of-16-chars",
      value: "now: or never",
      by: { id: discord.world.user("Ben").id },
      rights: ["read", "write"],
    });
    expect(await responseTo(press)).toMatchObject({ type: 6 });
    const menu: Action = { id: "give-command", label: "Reset", style: "menu", value: "reset" };
    await bot.platform.editPost(asked.to, id, post("Stopped.", { actions: [menu] }), never);
    expect(discord.posts(channel)).toMatchObject([{ content: "Stopped.", buttons: [] }]);
  });

  test("belongs to the conversation of the post, also without a thread and in a DM", async () => {
    const { id: plain } = discord.addChannel();
    discord.deny(plain, "threads");
    const place = `${discord.guild}:${plain}`;
    const asked = await ask(plain);
    const conversation = `discord:${discord.guild}:${asked.id}` as const;
    const first = await showButton(asked);
    expect(first.channel).toBe(plain);
    discord.pressUnder({ message: first.message, user: "Ann", label: "Stop it" });
    expect((await presses(1))[0]).toMatchObject({ conversation, place });

    core.locate(place, first.message, conversation);
    const again = await showButton(await ask(plain, first.message));
    discord.pressUnder({ message: again.message, user: "Ann", label: "Stop it" });
    expect((await presses(2))[1]).toMatchObject({ conversation, place });

    const direct = discord.directWith("Ann");
    const second = await showButton(await ask(direct));
    discord.pressUnder({ message: second.message, user: "Ann", label: "Stop it" });
    const pressed = (await presses(3))[2];
    expect(pressed).toMatchObject({ conversation: `discord:dm:${direct}`, place: `dm:${direct}` });
    expect(pressed).not.toHaveProperty("rights");
  });

  test("is acknowledged after its press is stored, and each press counts separately", async () => {
    const { message } = await showButton(await ask(discord.openThread(discord.channel)));
    const { promise, resolve } = Promise.withResolvers<void>();
    core.gate = promise;
    const press = discord.pressUnder({ message, user: "Ann", label: "Stop it" });
    await eventually(() => expect(core.tries).toBe(2));
    expect(press.callbacks).toEqual([]);
    resolve();
    await responseTo(press);
    discord.pressUnder({ message, user: "Ben", label: "Stop it" });
    const [one, two] = await presses(2);
    expect(one?.dedupeId).not.toBe(two?.dedupeId);
  });

  test("that a person presses again is acknowledged each time, though it counts once", async () => {
    const { to } = await ask(discord.openThread(discord.channel));
    const approve: Action = { id: "approve", label: "Approve", style: "button", on: "r1" };
    const asking = post("May I?", { turn: `turn-${discord.world.ids.next()}`, actions: [approve] });
    const [, message = ""] = (await bot.platform.createPost(to, asking, never)).split("/");
    const press = (user: string) => discord.pressUnder({ message, user, label: "Approve" });
    expect(await responseTo(press("Ann"))).toMatchObject({ type: 6 });
    expect(await responseTo(press("Ann"))).toMatchObject({ type: 6 });
    expect(await responseTo(press("Ben"))).toMatchObject({ type: 6 });
    const [one, two] = await presses(2);
    expect(one?.by.id).not.toBe(two?.by.id);
  });

  test("whose press can't be stored shows that to the person alone", async () => {
    const { message, channel } = await showButton(await ask(discord.openThread(discord.channel)));
    core.outages = 1;
    const press = discord.pressUnder({ message, user: "Ann", label: "Stop it" });
    expect(await responseTo(press)).toMatchObject({ type: 4, data: { flags: 68 } });
    expect(discord.posts(channel)).toHaveLength(1);
  });

  test("gets private replies beside the post, never in its place, or in a DM once the token has expired", async () => {
    const { message, channel } = await showButton(await ask(discord.openThread(discord.channel)));
    const press = discord.pressUnder({ message, user: "Ann", label: "Stop it" });
    const [pressed] = await presses(1);
    assert(pressed);
    await bot.platform.sendPrivately(pressed.replyTo, ["You may not.", "Ask Ben."], never);
    expect(contentsOf(press.followUps)).toEqual(["You may not.\nAsk Ben."]);
    expect(press.followUps).toMatchObject([{ flags: 64 | (1 << 15) }]);
    expect(discord.posts(channel)).toMatchObject([{ versions: ["May I?"], buttons: ["Stop it"] }]);
    press.isExpired = true;
    bot.clock.aheadMs = 15 * 60_000;
    await bot.platform.sendPrivately(pressed.replyTo, ["Too late."], never);
    expect(press.followUps).toHaveLength(1);
    expect(discord.posts(discord.directWith("Ann")).at(-1)).toMatchObject({ content: "Too late." });
  });

  test("is left out where Discord rejects it, so that the text is shown, and comes back with an edit", async () => {
    const { to } = await ask(discord.openThread(discord.channel));
    const refused = { path: /\/messages(?:\/\d+)?$/u, status: 400, code: 50_035 };
    const actions = [stop("t")];
    const turn = "turn-refused";
    discord.fail({ ...refused, method: "POST" });
    const id = await bot.platform.createPost(to, post("May I?", { turn, actions }), never);
    const shown = () => discord.posts(id.split("/")[0] ?? "").at(-1);
    expect(shown()).toMatchObject({ versions: ["May I?"], buttons: [] });
    discord.fail({ ...refused, method: "PATCH" });
    await bot.platform.editPost(to, id, post("May I now?", { turn, actions }), never);
    expect(shown()).toMatchObject({ content: "May I now?", buttons: [] });
    await bot.platform.editPost(to, id, post("May I now?", { turn, actions }), never);
    expect(shown()).toMatchObject({ buttons: ["Stop it"] });
    discord.fail({ ...refused, method: "PATCH" });
    await expect(bot.platform.editPost(to, id, post("No more"), never)).rejects.toMatchObject({
      kind: "rejected",
    });
  });

  test("is still there after a repeated create that Discord had already accepted", async () => {
    const { to } = await ask(discord.openThread(discord.channel));
    const turn = "turn-repeated";
    await bot.platform.createPost(to, post("May I?", { turn }), never);
    const actions = [stop("t")];
    const id = await bot.platform.createPost(to, post("May I?", { turn, actions }), never);
    expect(discord.posts(id.split("/")[0] ?? "").at(-1)).toMatchObject({ buttons: ["Stop it"] });
  });
});

describe("the id of a button", () => {
  const action: Action = { id: "stop", label: "Stop it", style: "button" };

  test.each<[topic: string, given: Pick<Action, "on" | "value">]>([
    ["18446744073709551615", { on: "turn_of-16-chars", value: "x".repeat(60) }],
    ["1", {}],
    ["42", { value: "a:b" }],
    ["42", { on: "a" }],
  ])("of the topic %s with %j is read back as written, within 100 characters", (topic, given) => {
    const [row] = toActionRows([{ ...action, ...given }], topic);
    const id = row?.components[0]?.custom_id ?? "";
    expect(id.length).toBeLessThanOrEqual(100);
    expect(parseActionId(id)).toEqual({ topic, action: "stop", ...given });
  });

  test("that is too long is left out, and so is a sixth button", () => {
    const long = { ...action, value: "x".repeat(100) };
    const many = Array.from({ length: 6 }, (_, index) => ({ ...action, value: `${index}` }));
    const [row] = toActionRows([long, ...many], "42");
    expect(row?.components).toHaveLength(5);
    expect(toActionRows([long], "42")).toEqual([]);
  });

  test.each(["tk:", "tk:1:stop", "tk:1:stop:", "tk:?:stop::", "tk::stop::", "tk:1:::", "threadkeeper:do:a"])(
    "%s is not one",
    (id) => {
      expect(parseActionId(id)).toBeUndefined();
    },
  );
});
