import type { CommandDefinition } from "../../../domain/command.ts";
import type { CommandInbound } from "../../../domain/inbound.ts";
import type { SlashCommandBody } from "../wire/payload-schemas.ts";
import { decoded, nameless } from "../text/mrkdwn-to-text.ts";
import { toAddress } from "../wire/reply-target.ts";
import { authorId, placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";

/** What a slash command says, where it is one of ours. */
export interface SlashCommand {
  readonly definition: CommandDefinition;
  /** As it was typed, trimmed. */
  readonly argument: string;
}

/**
 * Slack keeps no names apart: the app that was installed last gets the command. So each of ours may be entered in an
 * app's settings as `/tk-<name>` too; our manifest does so for what Slack's own client may take.
 */
export function slashCommandIn(
  { command, text }: SlashCommandBody,
  commands: readonly CommandDefinition[],
): SlashCommand | undefined {
  const name = command.toLowerCase().replace(/^\/(?:tk-)?/u, "");
  const definition = commands.find((each) => each.name === name);
  return definition === undefined ? undefined : { definition, argument: decoded(text ?? "").trim() };
}

/** An order that concerns the place or the asker: no conversation has to be picked for it. */
export function fromSlashCommand(
  body: SlashCommandBody,
  order: SlashCommand,
  facts: SlackFacts,
): CommandInbound {
  const { team_id: team, channel_id: channel, user_id: user, response_url: responseUrl } = body;
  return {
    kind: "commanded",
    conversation: placeKeyOf(team, channel),
    dedupeId: `slack:slash:${body.trigger_id ?? `${team}:${user}:${facts.nowMs}`}`,
    platform: "slack",
    place: placeOf(team, channel),
    name: order.definition.name,
    argument: order.argument,
    by: { id: authorId(team, user), name: facts.nameOf(user) ?? body.user_name ?? nameless },
    saidAtMs: facts.nowMs,
    replyTo: toAddress({ team, channel, user, ...(responseUrl == null ? {} : { responseUrl }) }, facts.nowMs),
  };
}
