type LogLine = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** The operator's log. Messages are fixed strings; facts never hold message texts, names of people or secrets. */
export interface Log {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}
