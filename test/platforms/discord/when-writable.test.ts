import { assert, describe } from "vitest";

import { InProcessRateLimits } from "../../../src/runtime/rate/in-process-rate-limits.ts";
import { whenWritableContract } from "../../contracts/when-writable-contract.ts";
import { startDiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, openBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

describe("Discord's rate plan", () => {
  whenWritableContract(
    async () => {
      await using opening = new AsyncDisposableStack();
      const discord = opening.use(await startDiscordStandIn());
      const core = new Core();
      const { platform } = opening.use(await openBot(discord, core, new InProcessRateLimits(() => 0)));
      discord.say({ channel: discord.channel, user: "Ann", text: "Tell me", mention: true });
      await eventually(() => assert(core.said.length === 1));
      const [said] = core.said;
      assert(said !== undefined);
      const opened = opening.move();
      return { platform, to: said.replyTo, [Symbol.asyncDispose]: () => opened.disposeAsync() };
    },
    { isLimited: true, answers: 2 },
  );
});
