/** A figure that has to reach a target. */
export interface Check {
  readonly what: string;
  readonly value: number;
  /** Missing: there is only a least value. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** A list in Markdown. Empty without checks. */
export function checkList(checks: readonly Check[]): string {
  return checks
    .map((check) => `- ${check.what}: ${shown(check.value)}, wanted ${wanted(check)}: ${verdict(check)}`)
    .join("\n");
}

/** Three digits, or all of a larger number. */
export function shown(value: number): string {
  const size = Math.abs(value);
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function wanted({ atMost, atLeast }: Check): string {
  return [
    ...(atLeast === undefined ? [] : [`at least ${shown(atLeast)}`]),
    ...(atMost === undefined ? [] : [`at most ${shown(atMost)}`]),
  ].join(" and ");
}

function verdict({ value, atMost = Infinity, atLeast = -Infinity }: Check): string {
  return value <= atMost && value >= atLeast ? "reached" : "**missed**";
}
