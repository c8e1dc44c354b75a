import type { types } from "@slack/bolt";

import type { DirectoryEntry } from "../../../domain/conversation.ts";
import { homeActions } from "../wire/action-ids.ts";
import { partsOf, type SlackFacts } from "../wire/keys.ts";
import { permalinkOf } from "../wire/permalink.ts";
import { truncateTo } from "../wire/safe-text.ts";
import type { HomeContents } from "./home-contents.ts";
import { dateToken, labelOf, mrkdwn, plain } from "./mrkdwn.ts";

type LinkFacts = Pick<SlackFacts, "isOurs" | "workspaceUrl" | "currentId">;

const titleChars = 100;
/** https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
const optionChars = 75;
const untitled = "(no title)";
const nothing = "We haven't talked yet. Mention me in a channel, or write to me in *Messages*.";
const unclear = "Slack didn't tell me which channels you can read, so some conversations are missing here.";

/** The conversations, each with its link, and the menu to download one of them. `version`: differs in each view. */
export function conversationBlocks(
  { conversations, more, isCut, isUnclear }: HomeContents,
  facts: LinkFacts,
  version: number,
): types.KnownBlock[] {
  const sections = conversations.map((entry) => sectionOf(entry, facts));
  const further = more === 0 ? "…and maybe older ones." : `…and ${isCut ? "at least " : ""}${more} more.`;
  const notes = [...(more > 0 || isCut ? [further] : []), ...(isUnclear ? [unclear] : [])];
  return [
    ...(sections.length === 0 && !isUnclear
      ? [{ type: "section" as const, text: mrkdwn(nothing) }]
      : sections),
    ...(notes.length === 0 ? [] : [{ type: "context" as const, elements: notes.map(mrkdwn) }]),
    ...exportMenu(conversations, version),
  ];
}

function sectionOf({ conversation, title, lastAtMs }: DirectoryEntry, facts: LinkFacts): types.SectionBlock {
  const { team, channel, threadTs } = partsOf(conversation);
  const label = labelOf(title, titleChars) || untitled;
  const link =
    threadTs !== undefined && facts.isOurs(team) ? permalinkOf({ channel, ts: threadTs }, facts) : undefined;
  const where = channel.startsWith("D") ? "our direct messages" : `<#${facts.currentId(channel)}>`;
  const when = dateToken(
    lastAtMs,
    "{date_short_pretty}, {time}",
    new Date(lastAtMs).toISOString().slice(0, 10),
  );
  return {
    type: "section",
    text: mrkdwn(`${link === undefined ? label : `<${link}|${label}>`}\n${where} · ${when}`),
  };
}

/** Its id differs in each view, so that the menu forgets what was chosen in the one before, and that can be chosen again. */
function exportMenu(conversations: readonly DirectoryEntry[], version: number): types.KnownBlock[] {
  const options = conversations
    .filter(({ conversation }) => partsOf(conversation).threadTs !== undefined)
    .map(({ conversation, title }) => ({
      text: plain(truncateTo(title.replaceAll(/\s+/gu, " ").trim() || untitled, optionChars)),
      value: conversation,
    }));
  if (options.length === 0) return [];
  const accessory = {
    type: "static_select" as const,
    action_id: homeActions.export,
    placeholder: plain("Choose a conversation"),
    options,
  };
  const text = mrkdwn("*Download a conversation* (Markdown, JSON). I send it in our direct messages.");
  return [{ type: "section", block_id: `${homeActions.export}:${version}`, text, accessory }];
}
