import type { Message } from "../domain/message.ts";
import type { Recollection } from "../domain/recollection.ts";
import { earlierUnread } from "./apology.ts";
import type { Home } from "./recollect.ts";
import type { RememberingPlan } from "./remember.ts";
import { tellAsker } from "./tell-asker.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";

const dayMs = 86_400_000;
const most = 200;
const withinMs = 8_000;

/**
 * What was said before the bot was called into talk that is under way, oldest first; without what its authors want
 * forgotten. Asked once in the life of a conversation. Undefined: it was asked before, or can't be found out, and then
 * the asker is told.
 */
export async function seedFor(
  ports: TurnPorts,
  before: Recollection,
  { home, plan }: { readonly home: Home; readonly plan: RememberingPlan },
  signal: AbortSignal,
): Promise<readonly Message[] | undefined> {
  if (before.nextOrdinal > 1 || before.seededAtMs !== undefined || !isCall(ports, plan)) return undefined;
  const platform = platformFor(ports, home.platform);
  if (platform.earlier === undefined) return undefined;
  const { conversation } = before;
  const first = plan.said[0]?.id ?? (plan.kind === "command" ? plan.command.message : undefined);
  const begun = { conversation, place: home.place, ...(first === undefined ? {} : { before: first }) };
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
    const messages = await platform.earlier(begun, most, within);
    const authors = [...new Set(messages.map(({ author }) => author.id))];
    const marks = await ports.forgettings.marks(home.platform, authors, signal);
    const oldestMs = ports.retentionDays > 0 ? ports.clock.nowMs() - ports.retentionDays * dayMs : 0;
    return messages.filter(
      ({ author, saidAtMs }) => saidAtMs >= Math.max(oldestMs, marks.get(author.id) ?? 0),
    );
  } catch (error) {
    signal.throwIfAborted();
    const reference = ports.ids.reference();
    ports.log.warn({ err: error, reference }, "could not read what was said before the bot was called");
    await tellAsker(ports, plan, earlierUnread(reference), signal);
    return undefined;
  }
}

/** Whether the bot is wanted; an order that concerns no conversation begins none. */
function isCall({ commands }: TurnPorts, plan: RememberingPlan): boolean {
  if (plan.kind === "listen" || plan.kind === "meanwhile") return false;
  return plan.kind !== "command" || commands.get(plan.command.name)?.definition.concerns !== "place";
}
