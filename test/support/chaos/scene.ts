import type { BotSettings } from "../bot-process.ts";
import { makePostgresDatabase } from "../postgres-database.ts";
import { startRedisServer, type RedisServer } from "../redis-server.ts";
import { readArchive, type ArchivedText } from "./archived.ts";
import { readVerdicts, type ArchivedVerdict } from "./archived-verdicts.ts";
import { openDiscordTown } from "./discord-town.ts";
import { everythingKept } from "./everything-kept.ts";
import { Fleet } from "./fleet.ts";
import type { Span } from "./lost-times.ts";
import type { Random } from "./random.ts";
import type { Run } from "./runs.ts";
import { openSlackTown } from "./slack-town.ts";
import { openTroubledWay, type TroubledWay } from "./tcp-proxy.ts";
import { startTellingModel, type TellingModel } from "./telling-model.ts";
import type { Town } from "./town.ts";
import { openWebTown } from "./web-town.ts";

/** The size of a bad day. */
export interface Scale {
  readonly seed: number;
  readonly conversations: number;
  readonly messages: number;
  /** The mean time that people take between two messages. */
  readonly thoughtMs: number;
  readonly towns: readonly ("Slack" | "Discord")[];
  /** Where the archive is. Default: in each bot's own folder. */
  readonly archive?: "postgres";
  /** Loaded into each bot before its own code, to break it. */
  readonly sabotage?: Sabotage;
}

interface Sabotage {
  /** The URL of a module. */
  readonly module: string;
  /** The log line that proves its effect. */
  readonly says: string;
}

/** The running bots and everything around them. */
export interface Scene extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly model: TellingModel;
  readonly towns: readonly Town[];
  /** Missing for the embedded bot. */
  readonly redis: RedisServer | undefined;
  readonly way: TroubledWay | undefined;
  /** Outages of Redis, in order. */
  readonly outages: Span[];
  /** Spans whose writes Redis lost. */
  readonly lostTimes: Span[];
  /** Everything in all stores. Once the bots have ended. Undefined: as for `verdicts`. */
  readonly kept: () => Promise<string | undefined>;
  /** Once the bots have ended. */
  readonly archived: () => Promise<readonly ArchivedText[]>;
  /** Once the bots have ended. Undefined: several replicas have archives of their own, and a verdict may miss its turn there. */
  readonly verdicts: () => Promise<readonly ArchivedVerdict[] | undefined>;
}

export async function openScene(run: Run, scale: Scale, random: Random): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const redis = run.store === "sqlite" ? undefined : opening.use(await startRedisServer());
  const way =
    redis !== undefined && run.store === "redis behind a troubled way"
      ? opening.use(await openTroubledWay(Number(new URL(redis.url).port), random.fork("way")))
      : undefined;
  const redisUrl = way === undefined ? redis?.url : `redis://127.0.0.1:${way.port}`;
  const archive = scale.archive === undefined ? undefined : opening.use(await makePostgresDatabase());
  const fleet = new Fleet(run.replicas);
  const model = opening.use(await startTellingModel(run.replicas, fleet.isFrozen, random.fork("model")));
  const towns: Town[] = [];
  for (const name of scale.towns) {
    const luck = random.fork(name);
    const isHeard = (): boolean => fleet.live().length > 0;
    towns.push(
      opening.use(await (name === "Slack" ? openSlackTown(run.slack, luck) : openDiscordTown(isHeard, luck))),
    );
  }
  // Where each replica has files of its own, another one can't read what was sent to the first.
  const isShared = archive !== undefined || run.replicas === 1;
  if (isShared) towns.push(opening.use(openWebTown(random.fork("the web"))));
  // Last, so that the bots end before their servers.
  opening.use(fleet);
  const shared: BotSettings = {
    ...Object.assign({}, ...towns.map(({ settings }) => settings)),
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    ...(archive === undefined ? {} : { DATABASE_URL: archive.url }),
    ...(scale.sabotage === undefined ? {} : { NODE_OPTIONS: `--import ${scale.sabotage.module}` }),
  };
  await fleet.startAll((slot) => ({ ...shared, ...model.settingsOf(slot) }), {
    up: (slot, bot) => towns.forEach((town) => town.up(slot, bot)),
    down: (slot) => towns.forEach((town) => town.down(slot)),
  });
  const opened = opening.move();
  const happened = { outages: [], lostTimes: [] };
  const archived = () => readArchive(fleet.folders(), archive?.url);
  const verdicts = async () => (isShared ? readVerdicts(fleet.folders(), archive?.url) : undefined);
  const kept = async () => (isShared ? everythingKept(fleet.folders(), redis?.url, archive?.url) : undefined);
  const around = { fleet, model, towns, redis, way, archived, verdicts, kept };
  return { ...around, ...happened, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
