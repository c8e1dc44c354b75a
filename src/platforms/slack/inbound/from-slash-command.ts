import type { CommandDefinition } from "../../../domain/command.ts";
import type { CommandInbound } from "../../../domain/inbound.ts";
import type { SlashCommandBody } from "../wire/payload-schemas.ts";
import { decodeEntities } from "../text/mrkdwn-to-text.ts";
import { toAddress } from "../wire/reply-target.ts";
import { personOf } from "./authors.ts";
import { placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";

/** A slash command that is one of ours. */
export interface SlashCommand {
  readonly definition: CommandDefinition;
  /** As typed, trimmed. */
  readonly argument: string;
}

/**
 * Finds the command of a slash command, written as `/<name>` or `/tk-<name>`. Apps share one namespace, and the app
 * installed last gets a command, so the settings of an app may use the longer name. Our manifest does so for names that
 * Slack's own client uses. https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function slashCommandIn(
  { command, text }: SlashCommandBody,
  commands: readonly CommandDefinition[],
): SlashCommand | undefined {
  const name = command.toLowerCase().replace(/^\/(?:tk-)?/u, "");
  const definition = commands.find((each) => each.name === name);
  return definition === undefined ? undefined : { definition, argument: decodeEntities(text ?? "").trim() };
}

/** A command about the place or the person: no conversation has to be picked for it. */
export function fromSlashCommand(
  body: SlashCommandBody,
  slash: SlashCommand,
  facts: SlackFacts,
): CommandInbound {
  const { team_id: team, channel_id: channel, user_id: user, response_url: responseUrl } = body;
  return {
    kind: "commanded",
    conversation: placeKeyOf(team, channel),
    dedupeId: `slack:slash:${team}:${body.trigger_id ?? `${user}:${facts.nowMs}`}`,
    platform: "slack",
    place: placeOf(team, channel),
    name: slash.definition.name,
    argument: slash.argument,
    by: personOf({ team, user, given: [body.user_name] }, facts),
    saidAtMs: facts.nowMs,
    isOutside: true,
    replyTo: toAddress({ team, channel, user, ...(responseUrl == null ? {} : { responseUrl }) }, facts),
  };
}
