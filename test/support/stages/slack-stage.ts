import { startSlackStandIn } from "../slack/slack-stand-in.ts";
import { markdownOf } from "../slack/slack-messages.ts";
import type { Stage } from "./stage.ts";

/** At the start of a text: the bot is called by its name. The first message of a room calls it anyway. */
const call = "@bot ";

/** Threads in a Slack channel. */
export async function openSlackStage(way: "http" | "socket"): Promise<Stage> {
  const slack = await startSlackStandIn();
  const { botToken, appToken, signingSecret } = slack.settings;
  const channel = "C1";
  return {
    name: way === "http" ? "Slack over HTTP" : "Slack in Socket Mode",
    settings: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: botToken,
      ...(way === "http" ? { SLACK_SIGNING_SECRET: signingSecret } : { SLACK_APP_TOKEN: appToken }),
    },
    connect: async ({ url }) => {
      if (way === "http") slack.deliverTo(`${url}/slack/events`);
    },
    deliverAgain: () => slack.deliveries.redeliver(),
    openRoom: (name) => {
      let root: string | undefined;
      let last = "";
      return {
        say: async (said) => {
          const mention = root === undefined || said.startsWith(call);
          const text = said.replace(call, "");
          const thread = root === undefined ? {} : { threadTs: root };
          const ts = await slack.say({ channel, user: `U${name}`, text, mention, ...thread });
          root ??= ts;
          last = ts;
        },
        editFirst: (text) => slack.edit(channel, root ?? "", text),
        deleteFirst: () => slack.delete(channel, root ?? ""),
        deleteLast: () => slack.delete(channel, last),
        answers: () =>
          root === undefined
            ? []
            : slack
                .posts(channel, root)
                .filter((post) => !post.isDeleted)
                .map(markdownOf),
      };
    },
    [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose](),
  };
}
