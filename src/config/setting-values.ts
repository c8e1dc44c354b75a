import { readFileSync } from "node:fs";

type Environment = Readonly<Record<string, string | undefined>>;

interface Values {
  readonly values: Record<string, string>;
  readonly faults: string[];
}

/**
 * The values of the settings as text. An empty variable counts as not set; `NAME_FILE` names a file with the value of NAME.
 * Proxy settings may be written in lower case, as in other programs. `faults`: one line for each value that can't be read.
 */
export function settingValues(environment: Environment, names: readonly string[]): Values {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of names) {
    const read = valueOf(environment, name);
    if (read.fault !== undefined) faults.push(read.fault);
    if (read.value !== "") values[name] = read.value;
    if (name === "SYSTEM_PROMPT" || !isQuoted(values[name])) continue;
    faults.push(
      `${name}: The value has a quote at an end: leave it out. (docker --env-file and lists in compose files keep quotes)`,
    );
    // What else may be wrong with it is told too.
    values[name] = values[name].replaceAll(/^["'`]|["'`]$/gu, "");
  }
  return { values, faults };
}

function valueOf(
  environment: Environment,
  name: string,
): { readonly value: string; readonly fault?: string } {
  const small = name.endsWith("_PROXY") ? environment[name.toLowerCase()] : undefined;
  // What `docker run --env-file` reads of a file with Windows' line ends has one at its end.
  const value = (environment[name] ?? small ?? "").trim();
  const file = environment[`${name}_FILE`]?.trim() ?? "";
  if (file === "") return { value };
  if (value !== "") return { value, fault: `${name}_FILE: ${name} is set too; use one of the two` };
  try {
    const read = readFileSync(file, "utf8").trim();
    return { value: read, ...(read === "" ? { fault: `${name}_FILE: "${file}" is empty` } : {}) };
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown";
    return { value, fault: `${name}_FILE: "${file}" can't be read (${why})` };
  }
}

function isQuoted(value: string | undefined): value is string {
  return value !== undefined && /^["'`]|["'`]$/u.test(value);
}
