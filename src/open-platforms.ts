import type { Config } from "./config/config.ts";
import { chosenMessagesIn } from "./conversation/command/chosen-messages.ts";
import { proxyFromSettings, type OutboundProxy } from "./runtime/addresses/outbound-proxy.ts";
import type { Downtime } from "./domain/inbound.ts";
import type { Installation } from "./domain/installation.ts";
import { openWeb, type WebOptions } from "./platforms/web/web-platform.ts";
import type { OpensConversation } from "./ports/accept.ts";
import type { RateLimits } from "./ports/rate-limits.ts";
import type { CatchUp } from "./engine/catch-up/catch-up.ts";
import type { Component } from "./ports/component.ts";
import type { Renamings } from "./ports/renamings.ts";
import type { ErasureRequests } from "./ports/erasure-requests.ts";
import type { Installations } from "./ports/installations.ts";
import type { Log } from "./ports/log.ts";
import type { Platform } from "./ports/platform.ts";
import type { PreferenceStore } from "./ports/preferences.ts";
import type { UsageToday } from "./ports/usage.ts";
import { systemClock as clock } from "./runtime/clock.ts";

type OnFatal = (platform: string) => (why: string) => void;

interface PlatformPorts extends Omit<WebOptions, "settings"> {
  readonly opensConversation: OpensConversation;
  readonly cookieKey: Uint8Array;
  readonly isClosed: boolean;
  readonly rateLimits: RateLimits;
  readonly renamings: Renamings;
  readonly installations: Installations;
  readonly preferences: PreferenceStore;
  readonly erasureRequests: ErasureRequests;
  readonly usageToday: UsageToday;
  readonly onLost: () => void;
  readonly catchUp: CatchUp | undefined;
  readonly proxy: OutboundProxy | undefined;
}

/** Loads the code of what is set up. Call it before threads start: see setV8Flags. */
export async function loadPlatforms(config: Config, proxy: OutboundProxy | undefined): Promise<void> {
  if (config.SLACK_BOT_TOKEN !== undefined) await import("./platforms/slack/open-slack.ts");
  if (config.DISCORD_TOKEN === undefined) return;
  if (proxy !== undefined) {
    const { routeGatewayThrough } = await import("./platforms/discord/connection/gateway-proxy.ts");
    routeGatewayThrough(proxy);
  }
  await import("./platforms/discord/open-discord.ts");
}

/** Opens the web chat and each platform that is set up, and adds each to `platforms` under its name. */
export async function openPlatforms(
  config: Config,
  ports: PlatformPorts,
  platforms: Map<string, Platform & Component>,
  opening: AsyncDisposableStack,
): Promise<void> {
  const lost = new Set<string>();
  const onFatal = (name: string) => (why: string) => {
    ports.log.error({ platform: name, why }, "a platform is lost until an operator acts");
    lost.add(name);
    // The web chat is always there; the others are what the bot was set up for.
    if ([...platforms.keys()].every((each) => each === "web" || lost.has(each))) ports.onLost();
  };
  for (const open of [openWebChat, openSlackIfSet, openDiscordIfSet]) {
    const platform = await open(config, ports, onFatal);
    if (platform !== undefined) platforms.set(platform.name, opening.use(platform));
  }
}

function openWebChat(config: Config, ports: PlatformPorts): Promise<Platform & Component> {
  const { cookieKey, isClosed } = ports;
  const hearsVoice = hearsSpeech(config);
  const settings = { cookieKey, isClosed, addressTurns: config.LIMIT_ADDRESS_TURNS };
  return openWeb({ ...ports, hearsVoice, settings });
}

function hearsSpeech(config: Config): boolean {
  return config.OPENAI_AUDIO_MODEL !== undefined && hasModelServer(config);
}

async function openSlackIfSet(
  config: Config,
  ports: PlatformPorts,
  onFatal: OnFatal,
): Promise<(Platform & Component) | undefined> {
  const {
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_APP_TOKEN: appToken,
  } = config;
  if (botToken === undefined) return undefined;
  const { openSlack } = await import("./platforms/slack/open-slack.ts");
  const settings = {
    botToken,
    history: config.SLACK_HISTORY,
    answersWorkflows: config.SLACK_ANSWER_WORKFLOWS === "on",
    hearsClips: hearsSpeech(config),
    introducesItself: config.SLACK_JOIN_NOTE === "on",
    ...(signingSecret === undefined ? {} : { signingSecret }),
    ...(appToken === undefined ? {} : { appToken }),
    ...(ports.proxy === undefined ? {} : { proxy: ports.proxy }),
    ...(config.SLACK_API_URL === undefined ? {} : { apiUrl: config.SLACK_API_URL }),
  };
  const onGap = (downtime: Downtime): void => ports.catchUp?.onGap("slack", downtime);
  return openSlack({ ...ports, onGap, onFatal: onFatal("slack"), settings });
}

/** Otherwise the demo model answers, and nothing is heard. */
function hasModelServer({ OPENAI_API_KEY: key, OPENAI_BASE_URL: url }: Config): boolean {
  return key !== undefined || url !== undefined;
}

type CheckInstallation = (
  token: string,
  ports: { readonly config: Config; readonly log: Log },
) => Promise<Installation>;

/**
 * The platforms that may have stored installations. Each asks its platform whose token it is. @throws {Error} that says
 * what to do.
 */
export const installable: ReadonlyMap<string, CheckInstallation> = new Map([
  [
    "slack",
    async (token, { config, log }) => {
      const { installationOf } = await import("./platforms/slack/installation-of.ts");
      const proxy = proxyFromSettings(config);
      return installationOf(token, { apiUrl: config.SLACK_API_URL, proxy, clock, log });
    },
  ],
]);

async function openDiscordIfSet(
  { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl, DISCORD_MESSAGE_CONTENT: content }: Config,
  ports: PlatformPorts,
  onFatal: OnFatal,
): Promise<(Platform & Component) | undefined> {
  if (token === undefined) return undefined;
  const { openDiscord } = await import("./platforms/discord/open-discord.ts");
  const settings = { token, readsContent: content === "on", ...(apiUrl === undefined ? {} : { apiUrl }) };
  const onGap = (downtime: Downtime): void => ports.catchUp?.onGap("discord", downtime);
  // What Discord sends needs no acknowledgement, so it can wait for what was missed before it.
  const accept = ports.catchUp?.holdUntilRead("discord", ports.accept) ?? ports.accept;
  const chosenMessages = chosenMessagesIn(ports);
  return openDiscord({ ...ports, accept, chosenMessages, onGap, onFatal: onFatal("discord"), settings });
}
