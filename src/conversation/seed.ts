import type { Message } from "../domain/message.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { CommandPlan, AnswerPlan, LatePlan, StopPlan } from "./plan-next.ts";
import type { Home } from "./recollect.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";

const most = 200;
const withinMs = 8_000;

/**
 * What was said before the bot was called into talk that is under way, oldest first; without what its authors want
 * forgotten. Asked once in the life of a conversation. Undefined: it was asked before, or can't be found out.
 */
export async function seedFor(
  ports: TurnPorts,
  before: Recollection,
  { home, plan }: { readonly home: Home; readonly plan: AnswerPlan | CommandPlan | LatePlan | StopPlan },
  signal: AbortSignal,
): Promise<readonly Message[] | undefined> {
  if (before.nextOrdinal > 1 || before.seededAtMs !== undefined || isAboutPlace(ports, plan))
    return undefined;
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
    return messages.filter(({ author, saidAtMs }) => saidAtMs >= (marks.get(author.id) ?? 0));
  } catch (error) {
    signal.throwIfAborted();
    ports.log.warn({ err: error }, "could not read what was said before the bot was called");
    return undefined;
  }
}

/** An order that concerns no conversation begins none. */
function isAboutPlace(
  { commands }: TurnPorts,
  plan: AnswerPlan | CommandPlan | LatePlan | StopPlan,
): boolean {
  return plan.kind === "command" && commands.get(plan.command.name)?.definition.concerns === "place";
}
