import type { types } from "@slack/bolt";

import type { PersonalUsage, Used } from "../../../ports/usage.ts";
import { homeActions } from "../wire/action-ids.ts";
import type { SlackFacts } from "../wire/keys.ts";
import { conversationBlocks } from "./conversation-blocks.ts";
import type { HomeContents } from "./home-contents.ts";
import { metadataOf } from "./home-owner.ts";
import { dateToken, mrkdwn, plain } from "./mrkdwn.ts";
import { preferenceBlocks } from "./preference-blocks.ts";

const dayMs = 86_400_000;
const outageText =
  "I can't reach my memory right now, so I can't show you what I remember. Please open this page again in a few minutes.";

interface HomeFrame {
  /** The DM with the owner. */
  readonly channel: string;
  readonly facts: Pick<SlackFacts, "isOurs" | "workspaceUrl" | "currentId" | "nowMs">;
}

/**
 * The Home tab of one person: at most 35 blocks, of Slack's 100. `contents` undefined: it can't be read now.
 * https://docs.slack.dev/reference/views/home-tab-views
 */
export function homeView(contents: HomeContents | undefined, { channel, facts }: HomeFrame): types.HomeView {
  const blocks =
    contents === undefined
      ? [{ type: "section" as const, text: mrkdwn(outageText) }]
      : blocksOf(contents, facts);
  return { type: "home", private_metadata: metadataOf(channel), blocks };
}

function blocksOf(contents: HomeContents, facts: HomeFrame["facts"]): types.KnownBlock[] {
  return [
    header("Your conversations with me"),
    { type: "context", elements: [mrkdwn("Only you can see this page.")] },
    ...conversationBlocks(contents, facts, facts.nowMs),
    { type: "divider" },
    header("Your usage today"),
    { type: "section", text: mrkdwn(usageText(contents.usage, facts.nowMs)) },
    { type: "divider" },
    header("How I answer you"),
    ...preferenceBlocks(contents.preferences),
    { type: "divider" },
    header("Your data"),
    {
      type: "section",
      text: mrkdwn(
        "I can delete everything I've stored from you, in every conversation. I'll ask you once more in our direct messages, and I answer there.",
      ),
    },
    {
      type: "actions",
      elements: [
        button("Delete everything I said", homeActions.forget, "danger"),
        button("What can you do?", homeActions.help),
      ],
    },
  ];
}

function usageText({ turns, tokens, images }: PersonalUsage, nowMs: number): string {
  const midnightMs = (Math.floor(nowMs / dayMs) + 1) * dayMs;
  const isLimited = [turns, tokens, images].some(({ limit }) => limit > 0);
  return [
    `*${counted(turns)}* ${turns.used === 1 && turns.limit === 0 ? "answer" : "answers"}`,
    ...(tokens.limit > 0 ? [`*${percentOf(tokens)} %* of the text that I may read and write for you`] : []),
    ...(images.used > 0 ? [`*${counted(images)}* images`] : []),
    ...(isLimited ? [`This starts again at ${dateToken(midnightMs, "{time}", "midnight UTC")}.`] : []),
  ].join("\n");
}

function counted({ used, limit }: Used): string {
  const format = new Intl.NumberFormat("en");
  return limit > 0 ? `${format.format(used)} of ${format.format(limit)}` : format.format(used);
}

/** Rounded up, so that a little is not nothing. */
function percentOf({ used, limit }: Used): number {
  return Math.min(100, Math.ceil((used / limit) * 100));
}

function header(text: string): types.HeaderBlock {
  return { type: "header", text: plain(text) };
}

function button(text: string, actionId: string, style?: "danger"): types.Button {
  return {
    type: "button",
    action_id: actionId,
    text: plain(text),
    ...(style === undefined ? {} : { style }),
  };
}
