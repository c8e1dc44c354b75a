import { parseArgs } from "node:util";

import { checkList, shown, type Check } from "../checks.ts";
import { markdownTable } from "../markdown-table.ts";
import { UsageError } from "../usage.ts";

/** Figures of one case, by their titles in the table. Undefined: there is none in this case. */
export interface ScenarioRow {
  readonly name: string;
  readonly figures: Readonly<Record<string, number | undefined>>;
}

export interface ScenarioReport {
  /** What was done, in a sentence or two. */
  readonly what: string;
  readonly rows: readonly ScenarioRow[];
  readonly checks: readonly Check[];
}

/** What a scenario works with. */
export interface ScenarioRun<Size extends string> {
  readonly sizes: Readonly<Record<Size, number>>;
  /** Names of contestants. */
  readonly only: readonly string[];
  /** Is disposed at the end, and when the bench is stopped. */
  readonly opened: AsyncDisposableStack;
  /** Tells how far it is. */
  readonly note: (text: string) => void;
}

/** Something that is measured by itself, as `npm run bench -- <name>`. */
export interface Scenario<Size extends string> {
  readonly title: string;
  /** Each can be set on the command line, as `--messages 100`. */
  readonly sizes: Readonly<Record<Size, { readonly usual: number; readonly quick: number }>>;
  /** The contestants that are measured unless `--only` names others. */
  readonly only: readonly string[];
  readonly measure: (run: ScenarioRun<Size>) => Promise<ScenarioReport>;
}

interface ScenarioOptions<Size extends string> {
  readonly sizes: Readonly<Record<Size, number>>;
  readonly only: readonly string[];
  /** Empty: none. */
  readonly jsonFile: string;
}

/** @throws {TypeError} for an unknown option or a value that is no number. */
export function scenarioOptions<Size extends string>(
  { sizes, only }: Pick<Scenario<Size>, "sizes" | "only">,
  args: readonly string[],
): ScenarioOptions<Size> {
  const numbers = Object.fromEntries(Object.keys(sizes).map((name) => [name, { type: "string" } as const]));
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...numbers,
      only: { type: "string", default: only.join(",") },
      quick: { type: "boolean", default: false },
      json: { type: "string", default: "" },
    },
  });
  const given: Readonly<Record<string, unknown>> = values;
  const sizeOf = (name: Size): number => {
    const { usual, quick } = sizes[name];
    const number = Number(given[name] ?? (values.quick ? quick : usual));
    if (!Number.isInteger(number) || number < 1)
      throw new UsageError(`--${name}: ${String(given[name])} is no number above 0`);
    return number;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys lose their type on the way
  const names = Object.keys(sizes) as Size[];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same keys
  const chosen = Object.fromEntries(names.map((name) => [name, sizeOf(name)])) as Record<Size, number>;
  return {
    sizes: chosen,
    only: values.only.split(",").filter((each) => each !== ""),
    jsonFile: values.json,
  };
}

/** As Markdown. */
export function scenarioText(title: string, { what, rows, checks }: ScenarioReport): string {
  const titles = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const cells = rows.map(({ name, figures }) => [name, ...titles.map((each) => cellOf(figures[each]))]);
  return [`### ${title}`, what, markdownTable(["", ...titles], cells), checkList(checks)]
    .filter((each) => each !== "")
    .join("\n\n");
}

function cellOf(value: number | undefined): string {
  return value === undefined ? "–" : shown(value);
}
