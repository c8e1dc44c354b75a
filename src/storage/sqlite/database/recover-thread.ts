import { serveCalls } from "../../../runtime/threads/serve-calls.ts";
import { repair, migrations } from "./migrations.ts";
import { recoverDatabase } from "../recovery/recover-database.ts";

/** The calls that the recovering thread serves. */
export type Recovery = Readonly<Record<"recover", (file: string) => Promise<void>>>;

await serveCalls(async (log) => {
  const recover = async (file: string): Promise<void> => recoverDatabase(file, { migrations, repair }, log);
  return { served: { recover } satisfies Recovery, [Symbol.asyncDispose]: async () => undefined };
});
