import { z } from "zod";

import { placeSettings, type PlaceSettings } from "../domain/turn-settings.ts";
import { settingsIn } from "../domain/setting.ts";
import { efforts } from "../models/openai/api/request-feature.ts";
import { presetNames } from "../models/openai/presets/all-presets.ts";
import { postgresAddressFault } from "../runtime/addresses/postgres-address.ts";
import { isAddressOrNetwork } from "../runtime/http/proxies.ts";
import { isTimeZone, ownTimeZone } from "../domain/time-zone.ts";
import { settingConflicts } from "./setting-conflicts.ts";
import { quotedValue } from "./quoted-value.ts";
import { secretKeys } from "./secret-key.ts";
import { redisAddressFault } from "../runtime/addresses/redis-address.ts";
import { settingValues } from "./setting-values.ts";
import { readPlaceSettings } from "./place-settings.ts";
import {
  address,
  isPlainAddress,
  list,
  modelName,
  oneOf,
  proxy,
  secret,
  tokenWithout,
  url,
  web,
  wholeNumber,
  withoutScheme,
} from "./value-schemas.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** All settings, read once at start. Components get the values that they need, never the whole. */
export interface Config extends z.output<typeof schema> {
  /** For all places and people: the environment has no others. */
  readonly perPlace: PlaceSettings;
}

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
  const { settings: perPlace, faults: perPlaceFaults } = readPlaceSettings(values);
  faults.push(...perPlaceFaults, ...settingConflicts(values));
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  return { ...parsed.data, perPlace };
}

/** What is the same everywhere. What may differ between places stands in `placeSettings` of the domain. */
const schema = z.object({
  OPENAI_API_KEY: z.preprocess(withoutScheme, secret),
  OPENAI_BASE_URL: url(web, "").refine((text) => (URL.parse(text ?? "")?.username ?? "") === "", {
    error: "The address has a user or a key in it: set OPENAI_API_KEY instead",
  }),
  OPENAI_PRESET: oneOf(["auto", ...presetNames], "auto"),
  OPENAI_API: oneOf(["auto", "responses", "chat"], "auto"),
  OPENAI_REASONING: oneOf(["auto", ...efforts], "auto"),
  OPENAI_AUDIO_MODEL: modelName,
  OPENAI_IMAGE_MODEL: modelName,
  SLACK_BOT_TOKEN: tokenWithout("xapp-", "SLACK_APP_TOKEN"),
  SLACK_SIGNING_SECRET: secret,
  SLACK_APP_TOKEN: tokenWithout("xoxb-", "SLACK_BOT_TOKEN"),
  SLACK_API_URL: url(web, "/api/"),
  SLACK_HISTORY: oneOf(["internal", "limited"], "internal"),
  SLACK_ANSWER_WORKFLOWS: oneOf(["off", "on"], "off"),
  SLACK_JOIN_NOTE: oneOf(["on", "off"], "on"),
  DISCORD_TOKEN: z.preprocess(withoutScheme, secret),
  DISCORD_API_URL: url(web, "/api"),
  DISCORD_MESSAGE_CONTENT: oneOf(["on", "off"], "on"),
  SECRET_KEY: secretKeys,
  CATCH_UP: oneOf(["on", "off"], "on"),
  CATCH_UP_MAX_AGE_MS: wholeNumber(3_600_000, 0, 7 * 86_400_000),
  REDIS_URL: address(redisAddressFault),
  DATABASE_URL: address(postgresAddressFault),
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
  CHAT_TITLES: oneOf(["on", "off"], "on"),
  REPLY_TOKENS: wholeNumber(2_000, 16, 100_000),
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
  LIMIT_ADDRESS_TURNS: wholeNumber(1_000, 0, 1_000_000),
  SHUTDOWN_MS: wholeNumber(20_000, 0, 600_000),
  LOG_FORMAT: oneOf(["auto", "pretty", "json"], "auto"),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "fatal"], "info"),
});

/** The names of all settings. */
export const settingNames: readonly string[] = [
  ...settingsIn(placeSettings).map(({ name }) => name),
  ...Object.keys(schema.shape),
];
