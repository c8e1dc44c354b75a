type Environment = Readonly<Record<string, string | undefined>>;

/** Names that other programs use for the same. */
const otherNames: Readonly<Record<string, string>> = {
  OPENAI_KEY: "OPENAI_API_KEY",
  OPENAI_TOKEN: "OPENAI_API_KEY",
  OPENAI_API_TOKEN: "OPENAI_API_KEY",
  OPENAI_SECRET_KEY: "OPENAI_API_KEY",
  OPENAI_API_BASE: "OPENAI_BASE_URL",
  OPENAI_API_URL: "OPENAI_BASE_URL",
  OPENAI_API_BASE_URL: "OPENAI_BASE_URL",
  OPENAI_API_HOST: "OPENAI_BASE_URL",
  OPENAI_URL: "OPENAI_BASE_URL",
  OPENAI_MODEL_NAME: "OPENAI_MODEL",
  OPENAI_MODEL_ID: "OPENAI_MODEL",
  OPENAI_DEFAULT_MODEL: "OPENAI_MODEL",
  OPENAI_REASONING_EFFORT: "OPENAI_REASONING",
  SLACK_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_API_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_BOT_USER_OAUTH_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_OAUTH_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_XOXB_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_APP_LEVEL_TOKEN: "SLACK_APP_TOKEN",
  SLACK_SIGNING_KEY: "SLACK_SIGNING_SECRET",
  SLACK_SECRET: "SLACK_SIGNING_SECRET",
  DISCORD_BOT_TOKEN: "DISCORD_TOKEN",
  DISCORD_API_TOKEN: "DISCORD_TOKEN",
  DISCORD_BOT_KEY: "DISCORD_TOKEN",
  POSTGRES_URL: "DATABASE_URL",
  POSTGRESQL_URL: "DATABASE_URL",
  PG_URL: "DATABASE_URL",
  POSTGRES_URI: "DATABASE_URL",
  POSTGRES_DSN: "DATABASE_URL",
  DB_URL: "DATABASE_URL",
  REDIS_TLS_URL: "REDIS_URL",
  REDISCLOUD_URL: "REDIS_URL",
  VALKEY_URL: "REDIS_URL",
};
/** Shorter names resemble ordinary ones: HOST and HOME. */
const minLength = 7;
const minLengthForTwo = 12;
/** Longer than the name of any setting. */
const maxLetters = 60;

/** One line for each unknown name that resembles a setting, unless that setting is set. `known`: the names of all settings. */
export function warnOfSimilarNames(environment: Environment, known: readonly string[]): readonly string[] {
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    const stem = name.replace(/_FILE$/u, "");
    const isKnown = known.includes(name) || known.includes(stem) || /_proxy$/iu.test(name);
    if (value === undefined || value === "" || isKnown) continue;
    const setting = similarSetting(stem, known);
    if (setting === undefined || isSet(environment, setting)) continue;
    const meant = stem === name ? setting : `${setting}_FILE`;
    warnings.push(`${name} is not a setting: did you mean ${meant}?`);
  }
  return warnings;
}

/** The setting that a name resembles. Undefined: it is a setting itself, or resembles none. */
export function similarSetting(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxLetters || known.includes(name)) return undefined;
  const letters = lettersOf(name);
  if (letters.length < minLength) return undefined;
  const other = otherNames[name.toUpperCase().replaceAll("-", "_")];
  if (other !== undefined && known.includes(other)) return other;
  const words = sortedWords(name);
  return (
    known.find((each) => lettersOf(each) === letters) ??
    known.find((each) => sortedWords(each) === words) ??
    known.find((each) => isNear(letters, lettersOf(each)))
  );
}

function isSet(environment: Environment, name: string): boolean {
  return [environment[name], environment[`${name}_FILE`]].some((each) => (each ?? "") !== "");
}

function isNear(one: string, other: string): boolean {
  if (other.length < minLength) return false;
  const max = other.length >= minLengthForTwo ? 2 : 1;
  // Each letter that one has more is a change.
  return Math.abs(one.length - other.length) <= max && changesBetween(one, other) <= max;
}

function lettersOf(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/gu, "");
}

function sortedWords(name: string): string {
  return name
    .toUpperCase()
    .split(/[^A-Z0-9]+/u)
    .toSorted()
    .join(" ");
}

/** How many letters differ: changed, swapped, added or missing (edit distance). */
function changesBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let at = 1; at <= one.length; at += 1) {
    const before = rows[at - 1] ?? [];
    const row = [at];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (before[column - 1] ?? 0) + (one[at - 1] === other[column - 1] ? 0 : 1);
      const isSwapped = one[at - 1] === other[column - 2] && one[at - 2] === other[column - 1];
      const swapped = at > 1 && column > 1 && isSwapped ? (rows[at - 2]?.[column - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (before[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows.at(-1)?.[other.length] ?? 0;
}
