import { assert, afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

const within = (): AbortSignal => AbortSignal.timeout(600_000);
const plan = Buffer.from("Grüße\nto all");

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
  discord.world.files.clear();
  core = new Core();
  bot = await openBot(discord, core);
  return () => bot[Symbol.asyncDispose]();
});

/** A person sends a file; returns its reference as the core gets it. */
async function send(saying: { readonly size?: number; readonly extra?: object } = {}) {
  const { size = plan.length, extra } = saying;
  discord.world.files.set("77", { bytes: plan, signature: 0 });
  const file = { id: "77", filename: "plan.txt", size, content_type: "text/plain", url: "x" };
  const channel = discord.directWith("Ann");
  const where = extra === undefined ? { attachments: [file] } : { extra };
  const id = discord.say({ channel, user: "Ann", text: "look", ...where });
  await eventually(() => expect(core.said).toHaveLength(1));
  const ref = core.said[0]?.message.attachments[0]?.ref;
  assert(ref);
  return { ref, channel, id };
}

describe("a file on Discord", () => {
  test("is read through the newest URL of its message, without the bot's token", async () => {
    const { ref, channel, id } = await send();
    expect(ref).toEqual({ platform: "discord", id: `${channel}/${id}/77` });
    // The URL of the event has expired: each reading of the message makes a new one.
    discord.world.files.set("77", { bytes: plan, signature: 5 });
    expect(await bot.platform.readFile(ref, 1_000, within())).toEqual(new Uint8Array(plan));
  });

  test("that was forwarded is read too", async () => {
    const origin = discord.world.origin;
    const attachments = [
      { id: "77", filename: "plan.txt", size: 3, url: `${origin}/attachments/77?hm=0`, content_type: "x/y" },
    ];
    const message_snapshots = [{ message: { content: "", attachments } }];
    const { ref } = await send({
      extra: { message_reference: { type: 1, message_id: "5" }, message_snapshots },
    });
    expect(await bot.platform.readFile(ref, 1_000, within())).toEqual(new Uint8Array(plan));
  });

  test("is missing when its message is deleted", async () => {
    const { ref, channel, id } = await send();
    await expect(
      bot.platform.readFile({ ...ref, id: `${channel}/${id}/78` }, 1_000, within()),
    ).rejects.toMatchObject({ kind: "gone" });
    discord.delete(id);
    await expect(bot.platform.readFile(ref, 1_000, within())).rejects.toMatchObject({ kind: "gone" });
  });

  test.each([403, 404])(
    "is read through another URL where the one that its message named has just expired: %s",
    async (status) => {
      const { ref } = await send();
      discord.fail({ path: /attachments/u, status });
      expect(await bot.platform.readFile(ref, 1_000, within())).toEqual(new Uint8Array(plan));
      discord.fail({ path: /attachments/u, status, times: 2 });
      await expect(bot.platform.readFile(ref, 1_000, within())).rejects.toMatchObject({
        kind: status === 403 ? "forbidden" : "gone",
        message: `the file's server answered with HTTP status ${status}`,
      });
      expect(await bot.platform.readFile(ref, 1_000, within())).toEqual(new Uint8Array(plan));
    },
  );

  test("is not read if it is larger than the limit, or than Discord says", async () => {
    const { ref } = await send({ size: 1_001 });
    await expect(bot.platform.readFile(ref, 1_000, within())).rejects.toMatchObject({ kind: "rejected" });
    discord.world.files.set("77", { bytes: Buffer.alloc(2_000), signature: 0 });
    await expect(bot.platform.readFile(ref, 1_500, within())).rejects.toMatchObject({ kind: "rejected" });
  });

  test("is not read from another host", async () => {
    const attachments = [
      { id: "78", filename: "plan.txt", size: 3, url: "https://cdn.discordapp.com.x.example/78" },
    ];
    const channel = discord.directWith("Ann");
    discord.say({ channel, user: "Ann", text: "look", attachments });
    await eventually(() => expect(core.said).toHaveLength(1));
    const ref = core.said[0]?.message.attachments[0]?.ref;
    assert(ref);
    await expect(bot.platform.readFile(ref, 1_000, within())).rejects.toMatchObject({
      kind: "rejected",
      message: "the file does not lie at Discord",
    });
  });

  test("is abandoned when the reader stops", async () => {
    const { ref } = await send();
    discord.fail({ path: /attachments/u, isSilent: true });
    const stop = new AbortController();
    const reading = bot.platform.readFile(ref, 1_000, stop.signal);
    setTimeout(() => stop.abort(new Error("stopped")), 100);
    await expect(reading).rejects.toThrow("stopped");
  });
});
