import { readFileSync } from "node:fs";

type Environment = Readonly<Record<string, string | undefined>>;

interface Values {
  readonly values: Record<string, string>;
  readonly faults: string[];
}

/**
 * The values of settings as they are written. An empty variable counts as not set; `NAME_FILE` names the file that holds
 * NAME; names of proxies may be in small letters, as everywhere. Gives faults of what can't be read.
 */
export function settingValues(environment: Environment, names: readonly string[]): Values {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of names) {
    // What `docker run --env-file` reads of a file with Windows' line ends has one at its end.
    const value = written(environment, name)?.trim();
    const file = environment[`${name}_FILE`]?.trim();
    if (value !== undefined && value !== "") values[name] = value;
    if (name !== "SYSTEM_PROMPT" && isQuoted(value)) {
      faults.push(`${name}: The value has a quote at an end: leave it out. (docker --env-file keeps quotes)`);
      // What else may be wrong with it is told too.
      values[name] = value.replaceAll(/^["'`]|["'`]$/gu, "");
    }
    if (file === undefined || file === "") continue;
    if (values[name] !== undefined) {
      faults.push(`${name}_FILE: ${name} is set too; use one of the two`);
      continue;
    }
    try {
      values[name] = readFileSync(file, "utf8").trim();
    } catch (error) {
      faults.push(
        `${name}_FILE: "${file}" can't be read (${error instanceof Error ? error.message : "unknown"})`,
      );
    }
  }
  return { values, faults };
}

function written(environment: Environment, name: string): string | undefined {
  return environment[name] ?? (name.endsWith("_PROXY") ? environment[name.toLowerCase()] : undefined);
}

function isQuoted(value: string | undefined): value is string {
  return value !== undefined && /^["'`]|["'`]$/u.test(value);
}
