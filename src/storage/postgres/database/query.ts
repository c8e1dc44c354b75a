export type Row = Readonly<Record<string, unknown>>;

/** Sends one statement. */
export type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
