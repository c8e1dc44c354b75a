import type { IncomingMessage } from "node:http";

import { reset } from "./commands/reset.ts";
import { summary } from "./commands/summary.ts";
import { ConfigError, type Config } from "./config.ts";
import { acceptWith } from "./conversation/accept.ts";
import { drainWith } from "./conversation/drain.ts";
import { instructionsWith } from "./conversation/prompt-builder.ts";
import { budgetOf } from "./conversation/window.ts";
import { EmbeddedWaker } from "./engine/embedded-waker.ts";
import { InProcessInterruptions } from "./engine/in-process-interruptions.ts";
import { Sweeper } from "./engine/sweeper.ts";
import { createDemoModel } from "./models/demo-model.ts";
import { openWeb, type WebOptions } from "./platforms/web/web-platform.ts";
import type { Log } from "./ports/log.ts";
import type { Model } from "./ports/model.ts";
import type { Part } from "./ports/part.ts";
import type { Platform } from "./ports/platform.ts";
import { carriesToken, isOnThisMachine } from "./runtime/callers.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { addHealthRoutes } from "./runtime/health-routes.ts";
import { HttpServer } from "./runtime/http-server.ts";
import { randomIds as ids } from "./runtime/ids.ts";
import { openStores } from "./storage/open-stores.ts";

const commands = [reset, summary];
const definitions = commands.map((command) => command.definition);
const runners = new Map(commands.map((command) => [command.definition.name, command]));
const interruptingCommands = new Set(
  commands.filter((each) => each.interrupts).map(({ definition }) => definition.name),
);
const sweepEveryMs = 5_000;
const leastPromptTokens = 200;

/** A started bot. Disposing it finishes what runs, hands back the rest, and closes everything. */
export interface RunningApp extends AsyncDisposable {
  readonly url: string;
}

/**
 * The composition root: the only place that knows which parts exist. Parts close in the reverse order of opening, so
 * platforms can still be written to while running turns finish.
 * @throws when a part can't start; what was opened by then is closed again.
 */
export async function startApp(config: Config, log: Log): Promise<RunningApp> {
  await using opening = new AsyncDisposableStack();
  const model = await openModel(config, log);
  const instructions = instructionsWith(config.SYSTEM_PROMPT);
  const budget = budgetOf(promptTokens(config, model.countTokens(instructions)));
  const stores = opening.use(
    await openStores({ dataDir: config.DATA_DIR, redisUrl: config.REDIS_URL }, { ids, log }),
  );
  const interruptions = new InProcessInterruptions();
  const waker = new EmbeddedWaker({ turnsAtOnce: config.TURNS_AT_ONCE, shutdownMs: config.SHUTDOWN_MS, log });
  const base = { ...stores, interruptions, waker, clock, ids, log };
  const accept = acceptWith({ ...base, commands: definitions, interruptingCommands });

  const http = opening.use(new HttpServer((error) => log.error({ err: error }, "an HTTP request failed")));
  const shared = { ...base, accept, http, commands: definitions, isDemo: model.isDemo };
  const platforms = await openPlatforms(config, shared, opening);
  opening.use(waker);
  const watched = [...platforms.values(), stores];
  addHealthRoutes(http, watched, (request) => mayReadReasons(request, config.WEB_TOKEN));
  const { url } = await http.listen(config.HOST, config.PORT);

  waker.start(drainWith({ ...base, model, platforms, commands: runners, budget, instructions }));
  opening.use(new Sweeper(base, sweepEveryMs)).start();
  log.info({ url }, "ready");
  const opened = opening.move();
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function promptTokens({ CONTEXT_TOKENS: contextTokens }: Config, instructionTokens: number): number {
  const left = contextTokens - instructionTokens;
  if (left >= leastPromptTokens) return left;
  throw new ConfigError([
    `CONTEXT_TOKENS: ${contextTokens} is too little: the instructions take ${instructionTokens}, and a conversation needs ${leastPromptTokens}`,
  ]);
}

function mayReadReasons(request: IncomingMessage, token: string | undefined): boolean {
  return token === undefined ? isOnThisMachine(request) : carriesToken(request, token);
}

// What a setting turns on is loaded only then: nobody pays for platforms that they do not use.

async function openModel(config: Config, log: Log): Promise<Model> {
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) {
    log.warn({}, "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set: the demo model answers");
    return createDemoModel();
  }
  const { createOpenAiModel } = await import("./models/openai/openai-model.ts");
  return createOpenAiModel({
    // Servers of one's own often need no key, and the client insists on one.
    apiKey: config.OPENAI_API_KEY ?? "none",
    ...(config.OPENAI_BASE_URL === undefined ? {} : { baseUrl: config.OPENAI_BASE_URL }),
    model: config.OPENAI_MODEL,
    api: config.OPENAI_API,
    reasoning: config.OPENAI_REASONING,
    replyTokens: config.REPLY_TOKENS,
    idleMs: config.MODEL_IDLE_MS,
    log,
    clock,
  });
}

type PlatformPorts = Omit<WebOptions, "settings">;

async function openPlatforms(
  config: Config,
  ports: PlatformPorts,
  opening: AsyncDisposableStack,
): Promise<ReadonlyMap<string, Platform & Part>> {
  const platforms = new Map<string, Platform & Part>();
  for (const open of [openWebChat, openSlackIfSet, openDiscordIfSet]) {
    const platform = await open(config, ports);
    if (platform !== undefined) platforms.set(platform.name, opening.use(platform));
  }
  return platforms;
}

function openWebChat(config: Config, ports: PlatformPorts): Promise<Platform & Part> {
  const { WEB_TOKEN: token, DATA_DIR: dataDir, HOST: host } = config;
  if (token === undefined && !/^(?:localhost|127\.|::1)/u.test(host)) {
    ports.log.warn({ host }, "the web chat opens on this machine only: set WEB_TOKEN to open it to others");
  }
  return openWeb({ ...ports, settings: { dataDir, ...(token === undefined ? {} : { token }) } });
}

async function openSlackIfSet(config: Config, ports: PlatformPorts): Promise<(Platform & Part) | undefined> {
  const {
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_APP_TOKEN: appToken,
  } = config;
  if (botToken === undefined) return undefined;
  const { openSlack } = await import("./platforms/slack/slack-platform.ts");
  const settings = {
    botToken,
    history: config.SLACK_HISTORY,
    ...(signingSecret === undefined ? {} : { signingSecret }),
    ...(appToken === undefined ? {} : { appToken }),
    ...(config.SLACK_API_URL === undefined ? {} : { apiUrl: config.SLACK_API_URL }),
  };
  return openSlack({ ...ports, settings });
}

async function openDiscordIfSet(
  { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl }: Config,
  ports: PlatformPorts,
): Promise<(Platform & Part) | undefined> {
  if (token === undefined) return undefined;
  const { openDiscord } = await import("./platforms/discord/discord-platform.ts");
  return openDiscord({ ...ports, settings: { token, ...(apiUrl === undefined ? {} : { apiUrl }) } });
}
