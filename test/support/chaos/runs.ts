import {
  anyOfThem,
  freezeReplica,
  killInStreams,
  killRedis,
  killReplica,
  killTenTimes,
  killTheOne,
  loseLastSecond,
  nothingElse,
  pauseRedis,
  rollAll,
  type Mischief,
} from "./mischief.ts";

/** One kind of bad day. */
export interface Run {
  readonly name: string;
  readonly title: string;
  readonly replicas: number;
  readonly store: "redis" | "redis behind a troubled way" | "sqlite";
  readonly slack: "http" | "socket";
  readonly mischief: Mischief;
  /** Two replicas may write at once here, and only the fence separates them. */
  readonly needsFence: boolean;
  /** A killed turn is finished within this many seconds. Default: 15. */
  readonly takeOverS?: number;
}

const three = { replicas: 3, store: "redis", needsFence: false } as const;

export const runs: readonly Run[] = [
  {
    ...three,
    name: "kill",
    title: "kill -9 of replicas",
    slack: "http",
    mischief: killReplica,
    // Every few seconds another one dies: sometimes that which has just taken over, and has not asked the model yet.
    takeOverS: 25,
  },
  {
    ...three,
    name: "stream",
    title: "kill -9 of replicas while answers are streamed",
    slack: "socket",
    mischief: killInStreams,
    takeOverS: 25,
  },
  {
    ...three,
    name: "freeze",
    title: "SIGSTOP for longer than the lock",
    slack: "socket",
    mischief: freezeReplica,
    needsFence: true,
  },
  { ...three, name: "redis", title: "kill -9 of redis-server", slack: "http", mischief: killRedis },
  { ...three, name: "pause", title: "CLIENT PAUSE", slack: "socket", mischief: pauseRedis },
  {
    ...three,
    name: "proxy",
    title: "Redis behind a TCP proxy that delays, cuts and swallows",
    store: "redis behind a troubled way",
    slack: "http",
    mischief: nothingElse,
  },
  { ...three, name: "rolling", title: "rolling SIGTERM", slack: "socket", mischief: rollAll },
  { ...three, name: "mix", title: "all of these, one after another", slack: "http", mischief: anyOfThem },
  {
    name: "embedded",
    title: "embedded SQLite, kill -9 of the only process",
    replicas: 1,
    store: "sqlite",
    slack: "http",
    mischief: killTheOne,
    needsFence: false,
  },
  {
    name: "kills",
    title: "embedded SQLite, ten kill -9 in a row during the same turns",
    replicas: 1,
    store: "sqlite",
    slack: "http",
    mischief: killTenTimes,
    needsFence: false,
    // After so many kills, turns are tried a few at a time, and a process first has to survive without some of them.
    takeOverS: 90,
  },
  {
    ...three,
    name: "second",
    title: "a Redis that comes back without its last second",
    slack: "http",
    mischief: loseLastSecond,
  },
];
