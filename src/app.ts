import { reset } from "./commands/reset.ts";
import { summary } from "./commands/summary.ts";
import type { Config } from "./config.ts";
import { acceptWith } from "./conversation/accept.ts";
import { drainWith } from "./conversation/drain.ts";
import { instructionsWith } from "./conversation/prompt-builder.ts";
import { budgetOf } from "./conversation/window.ts";
import { EmbeddedWaker } from "./engine/embedded-waker.ts";
import { InProcessInterruptions } from "./engine/in-process-interruptions.ts";
import { Sweeper } from "./engine/sweeper.ts";
import { createDemoModel } from "./models/demo-model.ts";
import { createOpenAiModel } from "./models/openai/openai-model.ts";
import { openDiscord } from "./platforms/discord/discord-platform.ts";
import { openSlack } from "./platforms/slack/slack-platform.ts";
import { openWeb } from "./platforms/web/web-platform.ts";
import type { Accept } from "./ports/accept.ts";
import type { Directory } from "./ports/directory.ts";
import type { Log } from "./ports/log.ts";
import type { Memory } from "./ports/memory.ts";
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
const sweepEveryMs = 5_000;

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
  const model = openModel(config, log);
  const stores = opening.use(
    await openStores({ dataDir: config.DATA_DIR, redisUrl: config.REDIS_URL }, { ids, log }),
  );
  const { inbox, journal, memory, directory } = stores;
  const interruptions = new InProcessInterruptions();
  const waker = new EmbeddedWaker({ turnsAtOnce: config.TURNS_AT_ONCE, shutdownMs: config.SHUTDOWN_MS, log });
  const interruptingCommands = new Set(
    commands.filter((each) => each.interrupts).map(({ definition }) => definition.name),
  );
  const accept = acceptWith({
    inbox,
    waker,
    interruptions,
    clock,
    log,
    commands: definitions,
    interruptingCommands,
  });

  const http = opening.use(new HttpServer((error) => log.error({ err: error }, "an HTTP request failed")));
  const platforms = await openPlatforms(config, { accept, directory, memory, http, log, model }, opening);
  opening.use(waker);
  addHealthRoutes(http, [...platforms, stores], (request) =>
    config.WEB_TOKEN === undefined ? isOnThisMachine(request) : carriesToken(request, config.WEB_TOKEN),
  );
  const { url } = await http.listen(config.HOST, config.PORT);

  waker.start(
    drainWith({
      inbox,
      journal,
      memory,
      model,
      interruptions,
      platforms: new Map(platforms.map((platform) => [platform.name, platform])),
      commands: new Map(commands.map((command) => [command.definition.name, command])),
      clock,
      ids,
      log,
      budget: budgetOf(config.CONTEXT_TOKENS - model.countTokens(instructionsWith(config.SYSTEM_PROMPT))),
      instructions: instructionsWith(config.SYSTEM_PROMPT),
    }),
  );
  opening.use(new Sweeper({ inbox, waker, clock, log }, sweepEveryMs)).start();
  log.info({ url }, "ready");
  const opened = opening.move();
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function openModel(config: Config, log: Log): Model {
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) {
    log.warn({}, "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set: the demo model answers");
    return createDemoModel();
  }
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

interface PlatformPorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly memory: Memory;
  readonly http: HttpServer;
  readonly log: Log;
  readonly model: Model;
}

async function openPlatforms(
  config: Config,
  ports: PlatformPorts,
  opening: AsyncDisposableStack,
): Promise<readonly (Platform & Part)[]> {
  const { model, ...shared } = ports;
  const common = { ...shared, commands: definitions, clock };
  const platforms: (Platform & Part)[] = [
    opening.use(
      await openWeb({
        ...common,
        ids,
        settings: {
          ...(config.WEB_TOKEN === undefined ? {} : { token: config.WEB_TOKEN }),
          isDemo: model.isDemo,
          dataDir: config.DATA_DIR,
        },
      }),
    ),
  ];
  if (config.SLACK_BOT_TOKEN !== undefined) {
    const settings = {
      botToken: config.SLACK_BOT_TOKEN,
      history: config.SLACK_HISTORY,
      ...(config.SLACK_SIGNING_SECRET === undefined ? {} : { signingSecret: config.SLACK_SIGNING_SECRET }),
      ...(config.SLACK_APP_TOKEN === undefined ? {} : { appToken: config.SLACK_APP_TOKEN }),
      ...(config.SLACK_API_URL === undefined ? {} : { apiUrl: config.SLACK_API_URL }),
    };
    platforms.push(opening.use(await openSlack({ ...common, settings })));
  }
  if (config.DISCORD_TOKEN !== undefined) {
    const settings = {
      token: config.DISCORD_TOKEN,
      ...(config.DISCORD_API_URL === undefined ? {} : { apiUrl: config.DISCORD_API_URL }),
    };
    platforms.push(opening.use(await openDiscord({ ...common, settings })));
  }
  return platforms;
}
