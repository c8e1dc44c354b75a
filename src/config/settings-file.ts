import { lstatSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

import { similarSetting } from "./similar-names.ts";

/** The problems of a settings file. */
export interface SettingsFile {
  /** One line each, without values. With any of them the program must not start. */
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

const nothing: SettingsFile = { faults: [], warnings: [] };
const name = /^[A-Za-z_][A-Za-z0-9_]*$/u;
/** Variables that Node reads before the program starts. */
const forNode = /^(?:NODE_EXTRA_CA_CERTS|NODE_OPTIONS|NODE_USE_ENV_PROXY|SSL_CERT_FILE|SSL_CERT_DIR)$/u;
/** The setting that may have several lines. */
const mayHaveLines = "SYSTEM_PROMPT";

/**
 * Loads a file of lines `NAME=value` into an environment, as `node --env-file` does: variables that are already set win. Lines
 * that Node would skip silently are reported. `known`: the names of all settings.
 */
export function loadSettingsFile(
  path: string,
  environment: NodeJS.ProcessEnv,
  known: readonly string[],
): SettingsFile {
  if (!isThere(path)) return nothing;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown";
    return { ...nothing, faults: [`${path}: can't be read (${why})`] };
  }
  if (bytes.includes(0) || [0xfe, 0xff].includes(bytes[0] ?? 0))
    return { ...nothing, faults: [`${path}: is written in UTF-16; save it as UTF-8`] };
  // Windows' editors begin a file with a mark that would become a part of the first name.
  const text = new TextDecoder("utf-8").decode(bytes).replaceAll(/\r\n?/gu, "\n");
  for (const [each, value] of Object.entries(parseEnv(text)))
    if (name.test(each)) environment[each] ??= value;
  return lookAtLines(path, text, known);
}

/** A broken link counts as existing: it was meant to lead to a file. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder that may not be looked into.
    return false;
  }
}

function lookAtLines(path: string, text: string, known: readonly string[]): SettingsFile {
  const faults: string[] = [];
  const warnings: string[] = [];
  const lines = text.split("\n");
  const linesOf = new Map<string, number>();
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? "").trim();
    if (line === "" || line.startsWith("#")) continue;
    const where = `${path}, line ${at + 1}`;
    const looked = lookAtLine(line, known);
    if (looked.fault !== undefined) faults.push(`${where}: ${looked.fault}`);
    if (looked.warning !== undefined) warnings.push(`${where}: ${looked.warning}`);
    const before = linesOf.get(looked.setting ?? "");
    if (before !== undefined)
      warnings.push(`${where}: ${looked.setting} stands on line ${before} too; this one counts`);
    if (looked.setting !== undefined) linesOf.set(looked.setting, at + 1);
    if (looked.quote === undefined) continue;
    const end = lines.findIndex((each, index) => index > at && each.includes(looked.quote ?? ""));
    // Without another quote anywhere, the value ends with the line.
    if (end === -1) continue;
    const swallowed = lines.slice(at + 1, end + 1);
    const isOneLine = known.includes(looked.setting ?? "") && looked.setting !== mayHaveLines;
    if (isOneLine || swallowed.some((each) => isSettingLine(each, known)))
      faults.push(`${where}: the ${looked.quote} at the beginning of the value is not closed on this line`);
    at = end;
  }
  return { faults, warnings };
}

interface Looked {
  readonly setting?: string;
  readonly fault?: string;
  readonly warning?: string;
  /** The quotation mark at the beginning of the value that is not closed on the line. */
  readonly quote?: string;
}

function lookAtLine(line: string, known: readonly string[]): Looked {
  const equals = line.indexOf("=");
  // Other kinds of spaces would become a part of the name.
  const before = (equals === -1 ? line : line.slice(0, equals)).replaceAll(
    /^[ \t]*(?:export[ \t]+)?|(?<![ \t])[ \t]+$/gu,
    "",
  );
  if (equals === -1 || !name.test(before)) return unreadable(line, known);
  if (line.includes("\uFFFD")) return { fault: `has letters that are not UTF-8; save the file as UTF-8` };
  const value = line.slice(equals + 1).trim();
  if (forNode.test(before))
    return { warning: `${before} has no effect in a file: Node reads it when it starts. Set it outside` };
  const quote = /^["'`]/u.exec(value)?.[0];
  const setting = known.includes(before) ? { setting: before } : {};
  if (quote !== undefined) return value.includes(quote, 1) ? setting : { setting: before, quote };
  const hash = value.indexOf("#");
  // What stands behind a space is a comment to everybody.
  if (hash < 1 || /\s/u.test(value[hash - 1] ?? "") || !known.includes(before))
    return { ...setting, ...variableIn(value, known.includes(before)) };
  return {
    ...setting,
    warning: `the value of ${before} ends at its #; where that is a part of it, put the value into quotes: ${before}="…"`,
  };
}

/** Compose replaces variables in its files; this file's are not replaced. */
function variableIn(value: string, isOurs: boolean): Looked {
  const variable = /\$\{\w+\}/u.exec(value)?.[0];
  if (!isOurs || variable === undefined) return {};
  return { warning: `${variable} is taken as it is written: no other variable is put in here` };
}

/** An unreadable line with the name of a setting is a fault; other lines may be for other programs. */
function unreadable(line: string, known: readonly string[]): Looked {
  const words = line.match(/[A-Za-z_][A-Za-z0-9_-]*/gu)?.slice(0, 3) ?? [];
  const setting = words
    .map((word) => (known.includes(word) ? word : similarSetting(word, known)))
    .find((each) => each !== undefined);
  if (setting === undefined) return { warning: "can't be read; a line is NAME=value, or begins with #" };
  return { fault: `can't be read; write ${setting}=… with nothing else before the =` };
}

function isSettingLine(line: string, known: readonly string[]): boolean {
  const before = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/u.exec(line)?.[1];
  return before !== undefined && known.includes(before);
}
