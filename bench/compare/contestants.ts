import { fileURLToPath } from "node:url";
import { UsageError } from "./usage.ts";

/** A program that answers people in Slack threads. */
export interface Contestant {
  /** As `--only` names it. */
  readonly name: string;
  readonly title: string;
  readonly program: string;
  readonly replicas: number;
  readonly usesRedis: boolean;
  readonly usesPostgres: boolean;
  /** Needs the packages of bench/package.json. */
  readonly needsPackages: boolean;
  /** Answers 200 there when it is ready. Missing: it prints a line "ready". */
  readonly readyPath?: string;
  readonly settings: Readonly<Record<string, string>>;
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const ours = {
  program: file("../../src/start.js"),
  replicas: 1,
  needsPackages: false,
  readyPath: "/readyz",
  settings: {
    OPENAI_API: "chat",
    CATCH_UP: "off",
    CHAT_TITLES: "off",
    LOG_LEVEL: "warn",
    LOG_FORMAT: "json",
    LIMIT_PERSON_TURNS: "0",
    LIMIT_PERSON_TOKENS: "0",
    LIMIT_PERSON_AT_ONCE: "0",
    LIMIT_PLACE_TURNS: "0",
    LIMIT_PLACE_TOKENS: "0",
    LIMIT_SUMMARIES: "0",
  },
} as const;

const peer = {
  replicas: 1,
  usesRedis: true,
  usesPostgres: false,
  needsPackages: true,
  settings: {},
} as const;

/** In the order of the table. */
const contestants: readonly Contestant[] = [
  {
    ...peer,
    name: "bare-one-call",
    title: "bare script, one Slack call",
    program: file("contestants/bare-one-call.ts"),
  },
  {
    ...peer,
    name: "bare-two-calls",
    title: "bare script, two Slack calls",
    program: file("contestants/bare-two-calls.ts"),
  },
  { ...peer, name: "packages", title: "the given packages alone", program: file("contestants/packages.ts") },
  { ...peer, name: "chat-sdk", title: "Chat SDK", program: file("contestants/chat-sdk.ts") },
  { ...ours, name: "ours-sqlite", title: "ours, SQLite", usesRedis: false, usesPostgres: false },
  { ...ours, name: "ours-redis", title: "ours, Redis + Postgres", usesRedis: true, usesPostgres: true },
  {
    ...ours,
    name: "ours-redis-2",
    title: "ours, Redis + Postgres, 2 replicas",
    usesRedis: true,
    usesPostgres: true,
    replicas: 2,
  },
];

/** Those with these names, or all. @param tokens the window of ours, if another one is wanted. @throws for an unknown name. */
export function chosen(names: readonly string[], tokens?: string): readonly Contestant[] {
  const unknown = names.filter((name) => !contestants.some((each) => each.name === name));
  if (unknown.length > 0) {
    const known = contestants.map(({ name }) => name).join(", ");
    throw new UsageError(`--only: ${unknown.join(", ")} is unknown; there are ${known}`);
  }
  const wanted = contestants.filter(({ name }) => names.length === 0 || names.includes(name));
  return tokens === undefined ? wanted : wanted.map((each) => withWindow(each, tokens));
}

/** @throws for an unknown name. */
export function contestantNamed(name: string): Contestant {
  const [found] = chosen([name]);
  if (found === undefined) throw new TypeError(`${name} is unknown`);
  return found;
}

function withWindow(contestant: Contestant, tokens: string): Contestant {
  if (contestant.needsPackages) return contestant;
  return { ...contestant, settings: { ...contestant.settings, CONTEXT_TOKENS: tokens } };
}
