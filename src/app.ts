import { allCommands as commands, commandRunners } from "./commands/all-commands.ts";
import { limitsIn, type Config } from "./config/config.ts";
import { platformFacts } from "./conversation/platform-facts.ts";
import { acceptWith, storeWith } from "./conversation/accept.ts";
import { archivedStores } from "./conversation/archive/archived-stores.ts";
import { archiveJobs } from "./conversation/jobs.ts";
import { runNextTurnWith } from "./conversation/turn/run-next-turn.ts";
import { summarize, type SummaryPorts } from "./conversation/summary/summarize.ts";
import { generateTitle, type TitlePorts } from "./conversation/title/generate-title.ts";
import { instructionsWith } from "./conversation/prompt/build-prompt.ts";
import type { TurnPorts } from "./conversation/turn/turn-ports.ts";
import { Alarms } from "./engine/alarms.ts";
import { CatchUp } from "./engine/catch-up/catch-up.ts";
import { SummaryWorker } from "./engine/summary-worker.ts";
import { QueueConnections } from "./engine/bullmq/queue-connections.ts";
import { Sweeper } from "./engine/sweeper.ts";
import { Titler } from "./engine/title-worker.ts";
import type { Downtime } from "./domain/inbound.ts";
import type { ModelCheck } from "./models/openai/model-check.ts";
import { createDemoModel } from "./models/demo/demo-model.ts";
import { openWeb, type WebOptions } from "./platforms/web/web-platform.ts";
import { openJobs, openArchive, openStores, openScheduler, storeWaitMs } from "./open-stores.ts";
import type { Log } from "./ports/log.ts";
import type { Model } from "./ports/model.ts";
import type { Component } from "./ports/component.ts";
import type { Platform } from "./ports/platform.ts";
import type { Renamings } from "./ports/renamings.ts";
import type { RateLimits } from "./ports/rate-limits.ts";
import { budgetWith } from "./config/prompt-budget.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { addHealthRoutes, type Watched } from "./runtime/http/health-routes.ts";
import { HttpServer } from "./runtime/http/http-server.ts";
import { takeProxy, type OutboundProxy } from "./runtime/addresses/outbound-proxy.ts";
import { randomIds as ids } from "./runtime/ids.ts";
import { LoopDelay } from "./runtime/loop-delay.ts";
import type { Stores } from "./storage/stores.ts";
import { webAccess } from "./config/web-access.ts";
import { webCookieKey } from "./web-cookie-key.ts";

const definitions = commands.map((command) => command.definition);
const interruptingCommands = new Set(
  commands.filter((each) => each.interrupts).map(({ definition }) => definition.name),
);
const sweepEveryMs = 5_000;
/** A model that needs longer for a few words is busy with people. */
const titleMs = 60_000;

/** A started bot. Disposing it finishes what runs, hands back the rest, and closes everything. */
export interface RunningApp extends AsyncDisposable {
  readonly url: string;
}

/** Why a running app has to be disposed. */
export interface Ends {
  /** No chat platform is left that could ever be heard again without a person's help. */
  readonly onLost: () => void;
  /** A database is damaged: the next start recovers it. */
  readonly onDamaged: () => void;
}

/**
 * The composition root: the only place that knows which parts exist. Parts close in the reverse order of opening, so
 * platforms can still be written to while running turns finish.
 * @throws when a part can't start; what was opened by then is closed again.
 */
export async function startApp(config: Config, log: Log, ends: Ends): Promise<RunningApp> {
  await using opening = new AsyncDisposableStack();
  const proxy = takeProxy(config, log);
  const { model, check } = await openModel(config, log, opening);
  const instructions = instructionsWith(config.SYSTEM_PROMPT);
  const budget = budgetWith(config, model, instructions);
  const { watched, access, letIn, http, url } = await openPort(config, log, opening);
  const stores = opening.use(await openStores(config, log, ends));
  const archive = opening.use(await openArchive(config, log, ends));
  const { scheduler, connections } = await openQueue(config, stores, log, opening);
  const kept = archivedStores(stores, archive, { countTokens: model.countTokens, clock, log });
  const base = { ...kept, scheduler, limits: limitsIn(config), clock, ids, log, ...howLong(config) };
  let opened: ReadonlyMap<string, Platform> = new Map();
  const known = platformFacts((name) => opened.get(name));
  const front = { ...base, commands: definitions, interruptingCommands, ...known };
  const accept = acceptWith(front);
  const store = storeWith(front);
  const catchUp = config.CATCH_UP === "off" ? undefined : new CatchUp({ ...base, store });
  const cookieKey = await webCookieKey({ stores, archive: archive, log }, AbortSignal.timeout(storeWaitMs));
  const seen = { ...access, catchUp, http, cookieKey, isDemo: model.isDemo };
  const shared = { ...base, ...seen, accept, commands: definitions };
  const platforms = await openPlatforms(config, { ...shared, ...ends, proxy }, opening);
  opened = platforms;
  opening.use(scheduler);
  const turns = { ...base, accept, model, platforms, commands: commandRunners, budget, instructions };
  const { scheduleIn } = opening.use(new Alarms(base));
  scheduler.start(runNextTurnWith({ ...turns, ...openBackground(config, turns, opening), scheduleIn }));
  // What is synced is what the hot store has.
  const jobs = archiveJobs({ ...base, memories: stores.memories, accept, store, platforms });
  opening.use(await openJobs(config, jobs, connections, log)).start();
  opening.use(new Sweeper(base, sweepEveryMs)).start();
  opening.use(catchUp)?.start(platforms.values());

  watched.splice(0, 1, ...platforms.values(), withQueue(stores, connections), ...shownOnly(archive, check));
  opening.defer(() => void watched.unshift(notReady("stopping")));
  letIn();
  log.info({ url }, "ready");
  const running = opening.move();
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** What the model is asked for while nobody waits. */
function openBackground(
  config: Config,
  ports: SummaryPorts & Omit<TitlePorts, "titleMs">,
  opening: AsyncDisposableStack,
): Pick<TurnPorts, "requestSummary" | "requestTitle"> {
  const folder = new SummaryWorker({ ...ports, summarize: (each, signal) => summarize(ports, each, signal) });
  const requestSummary = opening.use(folder).request;
  // The demo model has nothing to say about a chat: what was said first is the better title.
  if (config.CHAT_TITLES === "off" || ports.model.isDemo) return { requestSummary };
  const titling = { ...ports, titleMs };
  const titler = new Titler({
    ...ports,
    generateTitle: (each, signal) => generateTitle(titling, each, signal),
  });
  return { requestSummary, requestTitle: opening.use(titler).request };
}

async function openQueue(config: Config, stores: Stores, log: Log, opening: AsyncDisposableStack) {
  const connections = opening.use(new QueueConnections({ log, isServerUp: () => stores.health().ok }));
  return { connections, scheduler: await openScheduler(config, connections, log) };
}

/** What is stored and can't be taken up is not answered. */
function withQueue({ name, health }: Component, queue: QueueConnections): Watched {
  return { name, health: () => (health().ok ? queue.health() : health()) };
}

/** Answers go on without the archive, and wait for the model: while it is away, the program is ready all the same. */
function shownOnly(...parts: readonly (Component | undefined)[]): readonly Watched[] {
  return parts.flatMap((part) =>
    part === undefined ? [] : [{ name: part.name, health: part.health, isShownOnly: true }],
  );
}

function howLong(config: Config) {
  return {
    timeZone: config.TIME_ZONE,
    answerWithinMs: config.CATCH_UP_MAX_AGE_MS,
    retentionDays: config.RETENTION_DAYS,
    forgetUndoHours: config.FORGET_UNDO_HOURS,
  };
}

function notReady(why: string): Watched {
  return { name: "program", health: () => ({ ok: false, why }) };
}

// What a setting turns on is loaded only then: nobody pays for what they do not use.

async function openModel(
  config: Config,
  log: Log,
  opening: AsyncDisposableStack,
): Promise<{ readonly model: Model; readonly check?: ModelCheck }> {
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) {
    log.info({}, "the built-in demo model answers: neither OPENAI_API_KEY nor OPENAI_BASE_URL is set");
    return { model: createDemoModel() };
  }
  const { createOpenAiModel } = await import("./models/openai/openai-model.ts");
  const { ModelCheck } = await import("./models/openai/model-check.ts");
  const options = {
    // Servers of one's own often need no key, and the client insists on one.
    apiKey: config.OPENAI_API_KEY ?? "none",
    ...(config.OPENAI_BASE_URL === undefined ? {} : { baseUrl: config.OPENAI_BASE_URL }),
    model: config.OPENAI_MODEL,
    ...(config.OPENAI_PRESET === "auto" ? {} : { preset: config.OPENAI_PRESET }),
    ...(config.OPENAI_API === "auto" ? {} : { api: config.OPENAI_API }),
    ...(config.OPENAI_REASONING === "auto" ? {} : { effort: config.OPENAI_REASONING }),
    replyTokens: config.REPLY_TOKENS,
    idleMs: config.MODEL_IDLE_MS,
    loadMs: config.MODEL_LOAD_MS || Math.min(290_000, 10 * config.MODEL_IDLE_MS),
    log,
    clock,
  };
  const check = opening.use(new ModelCheck(options));
  check.start();
  return { model: createOpenAiModel(options), check };
}

/** Listens from the first moment: whoever watches the program sees that it lives, and that it is not ready. */
async function openPort(config: Config, log: Log, opening: AsyncDisposableStack) {
  const watched: Watched[] = [notReady("starting")];
  const access = webAccess(config, { clock, log });
  const loop = opening.use(new LoopDelay({ log, clock }));
  const onFault = (error: unknown): void => log.error({ err: error }, "an HTTP request failed");
  const http = opening.use(new HttpServer(onFault, {}, access.basePath));
  http.starting();
  addHealthRoutes(http, { watched, loop, ...access });
  const letIn = (): void => {
    http.started();
    loop.start();
  };
  return { watched, access, letIn, http, ...(await http.listen(config.HOST, config.PORT)) };
}

type OnFatal = (platform: string) => (why: string) => void;

interface PlatformPorts extends Omit<WebOptions, "settings"> {
  readonly cookieKey: Uint8Array;
  readonly isClosed: boolean;
  readonly rateLimits: RateLimits;
  readonly renamings: Renamings;
  readonly onLost: () => void;
  readonly catchUp: CatchUp | undefined;
  readonly proxy: OutboundProxy | undefined;
}

async function openPlatforms(
  config: Config,
  ports: PlatformPorts,
  opening: AsyncDisposableStack,
): Promise<ReadonlyMap<string, Platform & Component>> {
  const platforms = new Map<string, Platform & Component>();
  const lost = new Set<string>();
  const onFatal = (name: string) => (why: string) => {
    ports.log.error({ platform: name, why }, "a platform is lost until somebody acts");
    lost.add(name);
    // The web chat is always there; the others are what the bot was set up for.
    if ([...platforms.keys()].every((each) => each === "web" || lost.has(each))) ports.onLost();
  };
  for (const open of [openWebChat, openSlackIfSet, openDiscordIfSet]) {
    const platform = await open(config, ports, onFatal);
    if (platform !== undefined) platforms.set(platform.name, opening.use(platform));
  }
  return platforms;
}

function openWebChat(config: Config, ports: PlatformPorts): Promise<Platform & Component> {
  const { cookieKey, isClosed } = ports;
  return openWeb({ ...ports, settings: { cookieKey, isClosed, addressTurns: config.LIMIT_ADDRESS_TURNS } });
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
    ...(signingSecret === undefined ? {} : { signingSecret }),
    ...(appToken === undefined ? {} : { appToken }),
    ...(ports.proxy === undefined ? {} : { proxy: ports.proxy }),
    ...(config.SLACK_API_URL === undefined ? {} : { apiUrl: config.SLACK_API_URL }),
  };
  const onGap = (downtime: Downtime): void => ports.catchUp?.onGap("slack", downtime);
  return openSlack({ ...ports, onGap, onFatal: onFatal("slack"), settings });
}

async function openDiscordIfSet(
  { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl }: Config,
  ports: PlatformPorts,
  onFatal: OnFatal,
): Promise<(Platform & Component) | undefined> {
  if (token === undefined) return undefined;
  if (ports.proxy !== undefined) {
    const { routeGatewayThrough } = await import("./platforms/discord/connection/gateway-proxy.ts");
    routeGatewayThrough(ports.proxy);
  }
  const { openDiscord } = await import("./platforms/discord/discord-platform.ts");
  const settings = { token, ...(apiUrl === undefined ? {} : { apiUrl }) };
  const onGap = (downtime: Downtime): void => ports.catchUp?.onGap("discord", downtime);
  // What Discord sends needs no acknowledgement, so it can wait for what was missed before it.
  const accept = ports.catchUp?.inOrder("discord", ports.accept) ?? ports.accept;
  return openDiscord({ ...ports, accept, onGap, onFatal: onFatal("discord"), settings });
}
