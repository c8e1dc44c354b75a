import { commandsWith, runnersOf } from "./commands/all-commands.ts";
import { HttpServer } from "./runtime/http/http-server.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { randomIds as ids } from "./runtime/ids.ts";
import type { Config } from "./config/config.ts";
import { archivedStores } from "./conversation/archive/archived-stores.ts";
import { ToolBox } from "./conversation/agent/tool-box.ts";
import { toolsWith } from "./conversation/all-tools.ts";
import { SummaryWorker } from "./engine/summary-worker.ts";
import { BackgroundWorker } from "./engine/background-worker.ts";
import { KnownPreferences } from "./conversation/settings/known-preferences.ts";
import { openCore, type Core, type CoreSettings } from "./conversation/open-core.ts";
import { type Watched, addHealthRoutes } from "./runtime/http/health-routes.ts";
import type { Stores } from "./storage/stores.ts";
import { openModels } from "./open-models.ts";
import { webCookieKey } from "./web-cookie-key.ts";
import { openStores, openJobs, storeWaitMs, openScheduler, openArchive } from "./open-stores.ts";
import { CatchUp } from "./engine/catch-up/catch-up.ts";
import type { Component } from "./ports/component.ts";
import { Sweeper } from "./engine/sweeper.ts";
import { installProxy } from "./runtime/addresses/outbound-proxy.ts";
import type { ImageMaker } from "./ports/image-maker.ts";
import type { Model, Models } from "./ports/model.ts";
import { TurnTimers } from "./engine/turn-timers.ts";
import { QueueConnections } from "./engine/bullmq/queue-connections.ts";
import type { Platform } from "./ports/platform.ts";
import { webAccess } from "./config/web-access.ts";
import { IsolatedFileReader } from "./readers/isolated-file-reader.ts";
import { IdleMemory } from "./runtime/idle-memory.ts";
import { LoopDelay } from "./runtime/loop-delay.ts";
import { loadPlatforms, openPlatforms } from "./open-platforms.ts";
import type { Log } from "./ports/log.ts";
import type { Archive } from "./ports/archive.ts";
import type { FileReader } from "./ports/file-reader.ts";
import type { FileStore } from "./ports/file-store.ts";
import type { ArchivedConversations } from "./ports/archived-conversations.ts";
import type { Transcriber } from "./ports/transcriber.ts";
import type { TurnScheduler } from "./ports/turn-scheduler.ts";
import { environmentSettings } from "./config/environment-settings.ts";

const sweepEveryMs = 5_000;
/** A model that needs longer for a few words is busy with people. */
const titleMs = 60_000;
const titling = {
  deadlineMs: 120_000,
  failure: "a title could not be generated; the next answer tries again",
};
const describing = {
  deadlineMs: 300_000,
  failure: "images could not be described; the next answer tries again",
};

/** A started bot. Disposing it finishes the running turns, hands back the rest, and closes everything. */
export interface RunningApp extends AsyncDisposable {
  readonly url: string;
}

/** Why a running app has to be disposed. */
export interface Ends {
  /** Every chat platform that was set up is lost until an operator acts. */
  readonly onLost: () => void;
  /** A database is damaged: the next start recovers it. */
  readonly onDamaged: () => void;
}

/**
 * The composition root: the only place that knows which components exist. Components close in the reverse order of
 * opening, so running turns can still write to their platforms while they finish.
 * @throws when a component can't start; those that were opened by then are closed again.
 */
export async function startApp(config: Config, log: Log, ends: Ends): Promise<RunningApp> {
  await using opening = new AsyncDisposableStack();
  const proxy = installProxy(config, log);
  const { check, ...providers } = await openModels(config, log, opening);
  const model = providers.models.named(config.perPlace.model);
  const settings = coreSettings(config, providers.models);
  const { watched, access, letIn, http, url } = await openPort(config, log, opening);
  await loadPlatforms(config, proxy);
  const hot = opening.use(await openStores(config, log, ends));
  const { archive, files } = opening.use(await openArchive(config, log, ends));
  const reading = { files, fileReader: opening.use(new IsolatedFileReader({ log })) };
  const worker = ids.name();
  const scheduler = await openScheduler(config, hot, worker, log);
  const connections = opening.use(new QueueConnections({ log, isServerUp: () => hot.health().ok }));
  const stores = storesOver(hot, archive, model, log);

  const platforms = new Map<string, Platform & Component>();
  const { isDemo } = model;
  const given = { hot, stores, archive, ...reading, ...providers, platforms, isDemo, scheduler, worker, log };
  const { core, workers, definitions } = wireCore(config, given, settings);
  const { accept, opensConversation, usageToday, store } = core;
  const base = { ...stores, ...settings, files, scheduler, clock, ids, log };
  const catchUp = config.CATCH_UP === "off" ? undefined : new CatchUp({ ...base, store });
  const cookieKey = await webCookieKey({ stores: hot, archive, log }, AbortSignal.timeout(storeWaitMs));
  const seen = { ...access, catchUp, http, cookieKey, isDemo, commands: definitions, proxy, usageToday };
  await openPlatforms(config, { ...base, ...seen, ...ends, accept, opensConversation }, platforms, opening);
  opening.use(scheduler);
  for (const each of workers) opening.use(each);
  scheduler.start(core.runNextTurn);
  opening.use(await openJobs(config, core.jobs, connections, log)).start();
  const sweeper = opening.use(new Sweeper(base, sweepEveryMs));
  sweeper.start();
  scheduler.onEndOfOther?.(sweeper.sweepSoon);
  opening.use(catchUp)?.start(platforms.values());

  watched.splice(0, 1, ...platforms.values(), hot, ...shownOnly(jobQueue(hot, connections), archive, check));
  opening.defer(() => void watched.unshift(notReady("stopping")));
  letIn();
  log.info({ url }, "ready");
  const running = opening.move();
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

interface Given {
  readonly hot: Stores;
  /** The hot stores as caches of the archive. */
  readonly stores: ReturnType<typeof storesOver>;
  readonly archive: Archive & ArchivedConversations;
  readonly files: FileStore;
  readonly fileReader: FileReader;
  readonly models: Models;
  readonly transcriber?: Transcriber;
  readonly imageMaker?: ImageMaker;
  readonly isDemo: boolean;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly scheduler: TurnScheduler;
  /** This process, as the journal names it. */
  readonly worker: string;
  readonly log: Log;
}

/** The hot stores as caches of the archive, with what each turn asks for kept in-process. */
function storesOver(
  hot: Stores,
  archive: Archive & ArchivedConversations,
  { countTokens }: Pick<Model, "countTokens">,
  log: Log,
) {
  const preferences = new KnownPreferences({ store: hot.preferences, broadcast: hot.broadcast, clock });
  return { ...archivedStores(hot, archive, { countTokens, clock, log }), preferences };
}

/** The core with the workers that do for it what nobody waits for. They close before the platforms, in reverse order. */
function wireCore(config: Config, given: Given, settings: CoreSettings) {
  const { hot, stores, models, isDemo, scheduler, worker, log, imageMaker, ...others } = given;
  const can = { makesImages: imageMaker !== undefined };
  const commands = commandsWith(can);
  const alarms = new TurnTimers({ scheduler, clock, log });
  const summaries = new SummaryWorker({ summarize: (...call) => core.summarize(...call), clock, log });
  const titles = new BackgroundWorker({ ...titling, run: (...call) => core.generateTitle(...call), log });
  const images = new BackgroundWorker({ ...describing, run: (...call) => core.describeImages(...call), log });
  // The demo model has nothing to say about a chat: the first message is the better title.
  const hasTitles = config.CHAT_TITLES !== "off" && !isDemo;
  const core: Core = openCore(
    {
      stores: { ...stores, hotMemories: hot.memories },
      ...others,
      models,
      imageMaker,
      commands: runnersOf(commands),
      toolBox: new ToolBox(toolsWith(can)),
      runtime: {
        scheduler,
        worker,
        scheduleIn: alarms.scheduleIn,
        interruptions: hot.interruptions,
        requestSummary: summaries.request,
        ...(hasTitles ? { requestTitle: titles.request } : {}),
        requestDescriptions: images.request,
        clock,
        ids,
        log,
      },
    },
    settings,
  );
  const workers = [alarms, summaries, titles, images];
  return { core, workers, definitions: commands.map(({ definition }) => definition) };
}

/** Undefined: jobs need no queue. */
function jobQueue({ workers }: Stores, { health }: QueueConnections) {
  return workers === undefined ? undefined : { name: "jobs", health };
}

/** Answers go on without the jobs and the archive, and wait for the model: without them, the program is ready all the same. */
function shownOnly(
  ...parts: readonly (Pick<Component, "name" | "health"> | undefined)[]
): readonly Watched[] {
  return parts.flatMap((part) =>
    part === undefined ? [] : [{ name: part.name, health: part.health, isShownOnly: true }],
  );
}

/** @throws {ConfigError} when the settings leave too little room for a conversation. */
function coreSettings(config: Config, models: Models): CoreSettings {
  return {
    settings: environmentSettings(config.perPlace, models),
    timeZone: config.TIME_ZONE,
    answerWithinMs: config.CATCH_UP_MAX_AGE_MS,
    forgetUndoHours: config.FORGET_UNDO_HOURS,
    titleMs,
  };
}

function notReady(why: string): Watched {
  return { name: "program", health: () => ({ ok: false, why }) };
}

/** Listens from the first moment, so that health checks see that the program is alive and not ready yet. */
async function openPort(config: Config, log: Log, opening: AsyncDisposableStack) {
  const watched: Watched[] = [notReady("starting")];
  const access = webAccess(config, { clock, log });
  const loop = opening.use(new LoopDelay({ log, clock }));
  const memory = opening.use(new IdleMemory());
  const onFault = (error: unknown): void => log.error({ err: error }, "an HTTP request failed");
  const http = opening.use(new HttpServer(onFault, {}, access.basePath));
  http.starting();
  addHealthRoutes(http, { watched, loop, ...access });
  const letIn = (): void => {
    http.started();
    loop.start();
    memory.start();
  };
  return { watched, access, letIn, http, ...(await http.listen(config.HOST, config.PORT)) };
}
