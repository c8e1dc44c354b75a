/** A mistake on the command line, which is told without a stack trace. */
export class UsageError extends TypeError {}

export function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

export function usage(scenarios: readonly string[]): string {
  return [
    "npm run bench                      compares all contestants; takes more than an hour",
    "npm run bench -- --quick           a first look",
    `npm run bench -- SCENARIO          one of ${scenarios.join(", ")}`,
    "",
    "--only NAMES, --k 16,128, --delay 0,50, --runs 3, --messages 2560, --profile, --json FILE",
    "docs/performance.md explains these, the others, and how to read the tables.",
  ].join("\n");
}
