import { z } from "zod";

import type { AnswerLimits } from "../domain/answer-limits.ts";
import { efforts } from "../models/openai/api/request-feature.ts";
import { presetNames } from "../models/openai/presets/all-presets.ts";
import { postgresAddressFault } from "../runtime/addresses/postgres-address.ts";
import { isAddressOrNetwork } from "../runtime/http/proxies.ts";
import { isTimeZone, ownTimeZone } from "../domain/time-zone.ts";
import { isProxyAddress } from "../runtime/addresses/outbound-proxy.ts";
import { settingConflicts } from "./setting-conflicts.ts";
import { quotedValue } from "./quoted-value.ts";
import { secretKeys } from "./secret-key.ts";
import { redisAddressFault } from "../runtime/addresses/redis-address.ts";
import { settingValues } from "./setting-values.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** All settings, read once at start. Components get the values that they need, never the whole. */
export type Config = z.output<typeof schema>;

/** One line for each fault: `NAME: what is wrong and what it may be`. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/**
 * Reads and checks the settings. `more`: faults found earlier, reported together with the others.
 * @throws {ConfigError} with all faults; it quotes no secret.
 */
export function readConfig(environment: Environment, more: readonly string[] = []): Config {
  const { values, faults: unread } = settingValues(environment, settingNames);
  const faults = [...more, ...unread];
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  }
  faults.push(...settingConflicts(values));
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  return parsed.data;
}

/** A value for a header, which allows no other characters. */
const secret = z
  .string()
  .refine((text) => /^[\x21-\x7e]+$/u.test(text), {
    // Not quoted: it is a secret.
    error: "There is a space, a line break or another character in it that no key and no token has",
  })
  .optional();

/** `wrong`: the beginning of another kind of token. `belongs`: the setting of that kind. */
function tokenWithout(wrong: string, belongs: string) {
  return secret.refine((text) => text === undefined || !text.startsWith(wrong), {
    error: `This begins with ${wrong} and belongs into ${belongs}`,
  });
}

function wholeNumber(fallback: number, least: number, most: number) {
  return z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d+$/u.test(text) && Number(text) >= least && Number(text) <= most, {
      error: (issue) => `${quotedValue(issue.input)} is not a whole number from ${least} to ${most}`,
    })
    .transform(Number);
}

function oneOf<const Word extends string>(words: readonly [Word, ...Word[]], fallback: NoInfer<Word>) {
  return z
    .enum(words, { error: (issue) => `${quotedValue(issue.input)} is not one of ${words.join(", ")}` })
    .default(fallback);
}

/** Empty entries are skipped; a text of commas alone is a wrong entry. */
function entriesIn(text: string): readonly string[] {
  const entries = text.split(",").map((entry) => entry.trim());
  const filled = entries.filter((entry) => entry !== "");
  return filled.length === 0 ? entries : filled;
}

/** Entries separated by commas. */
function list(isRight: (entry: string) => boolean, fault: (wrong: string) => string) {
  return z
    .string()
    .default("")
    .transform((text, context) => {
      const entries = text === "" ? [] : entriesIn(text);
      const wrong = entries.find((entry) => !isRight(entry));
      if (wrong !== undefined) context.addIssue(fault(wrong));
      return entries;
    });
}

function url(protocols: readonly string[], ending: string) {
  const shape = `a URL that begins with ${protocols.map((each) => `${each}//`).join(" or ")}${ending === "" ? "" : ` and ends in ${ending}`}`;
  return z
    .string()
    .refine(
      (text) =>
        URL.canParse(text) &&
        protocols.includes(new URL(text).protocol) &&
        (ending === "" || text.endsWith(ending)),
      // Not quoted: it may hold a password.
      { error: `This is not ${shape}` },
    )
    .optional();
}

/** `faultIn` must quote nothing: an address may contain a password. */
function address(faultIn: (text: string) => string | undefined) {
  return z
    .string()
    .superRefine((text, context) => {
      const fault = faultIn(text);
      if (fault !== undefined) context.addIssue(fault);
    })
    .optional();
}

/** Removes the scheme of a token that was copied from a header. */
function withoutScheme(text: unknown): unknown {
  return typeof text === "string" ? text.replace(/^(?:Bot|Bearer)\s+/iu, "") : text;
}

const web = ["http:", "https:"];

/** Not quoted in faults: it may contain a password. */
const proxy = z
  .string()
  .refine(isProxyAddress, {
    error: "This is not like http://proxy:3128; other kinds of proxies are not spoken to",
  })
  .optional();
/** Whether an address has only a host, a port and a path. */
function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin, pathname, href } = new URL(text);
  return web.includes(protocol) && href === origin + pathname && !/\/\//u.test(pathname);
}

const maxTokens = 1_000_000_000_000;

const schema = z.object({
  OPENAI_API_KEY: z.preprocess(withoutScheme, secret),
  OPENAI_BASE_URL: url(web, "").refine((text) => (URL.parse(text ?? "")?.username ?? "") === "", {
    error: "The address has a user or a key in it: set OPENAI_API_KEY instead",
  }),
  OPENAI_PRESET: oneOf(["auto", ...presetNames], "auto"),
  OPENAI_MODEL: z.string().default("gpt-6-luna"),
  OPENAI_API: oneOf(["auto", "responses", "chat"], "auto"),
  OPENAI_REASONING: oneOf(["auto", ...efforts], "auto"),
  SLACK_BOT_TOKEN: tokenWithout("xapp-", "SLACK_APP_TOKEN"),
  SLACK_SIGNING_SECRET: secret,
  SLACK_APP_TOKEN: tokenWithout("xoxb-", "SLACK_BOT_TOKEN"),
  SLACK_API_URL: url(web, "/api/"),
  SLACK_HISTORY: oneOf(["internal", "limited"], "internal"),
  SLACK_ANSWER_WORKFLOWS: oneOf(["off", "on"], "off"),
  DISCORD_TOKEN: z.preprocess(withoutScheme, secret),
  DISCORD_API_URL: url(web, "/api"),
  SECRET_KEY: secretKeys,
  CATCH_UP: oneOf(["on", "off"], "on"),
  CATCH_UP_MAX_AGE_MS: wholeNumber(3_600_000, 0, 7 * 86_400_000),
  REDIS_URL: address(redisAddressFault),
  DATABASE_URL: address(postgresAddressFault),
  RETENTION_DAYS: wholeNumber(0, 0, 36_500),
  FORGET_UNDO_HOURS: wholeNumber(24, 0, 720),
  DATA_DIR: z.string().default("./data"),
  HOST: z
    .string()
    .transform((text) => text.replace(/^\[(.*)\]$/u, "$1"))
    .refine((text) => !/^[a-z]+:\/\/|[\s/*[\]]|^[^:]*:\d+$/iu.test(text), {
      error: (issue) =>
        `${quotedValue(issue.input)} is not an address or a name of this machine without a port, such as 127.0.0.1, or 0.0.0.0 for all of its addresses`,
    })
    .default("127.0.0.1"),
  PORT: wholeNumber(3000, 0, 65_535),
  WEB_TOKEN: list(
    // Longer ones don't fit into the form and the headers that bring them.
    (token) => token.length >= 16 && token.length <= 1_000,
    // Not quoted: it is a secret.
    () =>
      "A token is shorter than 16 characters, or longer than 1,000; `openssl rand -hex 24` makes a good one",
  ),
  HTTPS_PROXY: proxy,
  HTTP_PROXY: proxy,
  ALL_PROXY: z.string().optional(),
  NO_PROXY: z.string().default(""),
  PUBLIC_URL: z
    .string()
    .refine((text) => isPlainAddress(text), {
      error: (issue) =>
        `${quotedValue(issue.input)} is not the address of the web chat as browsers show it, such as https://chat.example.com or https://example.com/chat/`,
    })
    .transform((text) => (text.endsWith("/") ? text : `${text}/`))
    .optional(),
  TRUSTED_PROXY: list(
    isAddressOrNetwork,
    (wrong) => `${quotedValue(wrong)} is not an IP address, or a network such as 10.0.0.0/8`,
  ),
  REPLY_MODE: oneOf(["thread", "mention", "always", "off"], "thread"),
  CHAT_TITLES: oneOf(["on", "off"], "on"),
  CONTEXT_TOKENS: wholeNumber(16_000, 500, 1_000_000),
  REPLY_TOKENS: wholeNumber(2_000, 16, 100_000),
  SYSTEM_PROMPT: z.string().default(""),
  TIME_ZONE: z
    .string()
    .refine(isTimeZone, {
      error: (issue) =>
        `${quotedValue(issue.input)} is not a time zone such as Europe/Berlin, America/New_York or UTC`,
    })
    .default(ownTimeZone),
  MODEL_IDLE_MS: wholeNumber(30_000, 100, 600_000),
  /** 0: ten times as long. */
  MODEL_LOAD_MS: wholeNumber(0, 0, 290_000),
  TURNS_AT_ONCE: wholeNumber(500, 1, 100_000),
  LIMIT_PERSON_TURNS: wholeNumber(300, 0, 1_000_000),
  LIMIT_PERSON_TOKENS: wholeNumber(3_000_000, 0, maxTokens),
  LIMIT_PERSON_AT_ONCE: wholeNumber(5, 0, 10_000),
  LIMIT_PLACE_TURNS: wholeNumber(3_000, 0, 1_000_000),
  LIMIT_PLACE_TOKENS: wholeNumber(30_000_000, 0, maxTokens),
  LIMIT_WEB_TURNS: wholeNumber(10_000, 0, 10_000_000),
  LIMIT_WEB_TOKENS: wholeNumber(100_000_000, 0, maxTokens),
  LIMIT_ADDRESS_TURNS: wholeNumber(1_000, 0, 1_000_000),
  LIMIT_SUMMARIES: wholeNumber(20, 0, 1_000_000),
  LIMIT_ANSWER_ROUNDS: wholeNumber(3, 0, 20),
  LIMIT_ANSWER_MS: wholeNumber(0, 0, 3_600_000),
  LIMIT_ANSWER_TOKENS: wholeNumber(0, 0, maxTokens),
  SHUTDOWN_MS: wholeNumber(20_000, 0, 600_000),
  LOG_FORMAT: oneOf(["auto", "pretty", "json"], "auto"),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "fatal"], "info"),
});

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

/** The limits per day, and at the same time. */
export function spendingLimits(config: Config) {
  return {
    personTurns: config.LIMIT_PERSON_TURNS,
    personTokens: config.LIMIT_PERSON_TOKENS,
    personAtOnce: config.LIMIT_PERSON_AT_ONCE,
    placeTurns: config.LIMIT_PLACE_TURNS,
    placeTokens: config.LIMIT_PLACE_TOKENS,
    // The web chat knows people by their cookies, and a browser may have any number of them.
    openPlatforms: new Set(["web"]),
    openTurns: config.LIMIT_WEB_TURNS,
    openTokens: config.LIMIT_WEB_TOKENS,
    summaries: config.LIMIT_SUMMARIES,
  };
}

/** What the model may use for one answer. */
export function answerLimits(config: Config): AnswerLimits {
  return {
    rounds: config.LIMIT_ANSWER_ROUNDS,
    ms: config.LIMIT_ANSWER_MS,
    tokens: config.LIMIT_ANSWER_TOKENS,
  };
}
