import { isByApp } from "../memory/app-messages.ts";
import type { Change } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { undescribedIn } from "../description/describe-images.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { RememberingPlan } from "../planning/plan.ts";

/** What a turn made of memory. */
interface MemoryAfterTurn {
  /** With the plan applied, before the reply. */
  readonly remembered: ConversationMemory;
  /** As the finish stored it. Undefined: it stored none. */
  readonly stored: ConversationMemory | undefined;
}

/**
 * After a turn: notifies platforms that show memory, and requests in the background what is needed of a summary, a title and
 * descriptions of images.
 */
export function afterTurn(
  ports: Pick<TurnPorts, "platforms" | "requestSummary" | "requestTitle" | "requestDescriptions">,
  plan: RememberingPlan,
  { remembered: memory, stored }: MemoryAfterTurn,
): void {
  const { conversation, platform: name } = memory;
  const { titledFrom } = stored ?? memory;
  const platform = ports.platforms.get(name);
  if (isRecordAlone(plan)) return;
  if (plan.changes.some(({ kind }) => kind !== "titled" && kind !== "recorded"))
    platform?.memoryChanged?.(memory);
  else if (plan.changes.length > 0 || titledFrom?.length !== memory.titledFrom?.length)
    platform?.titleChanged?.(memory);
  if (stored !== undefined && !isByAppsAlone(plan)) ports.requestSummary(stored);
  const isShown = platform?.titleChanged !== undefined || platform?.showsTitles?.(conversation) === true;
  const isUntitled = titledFrom === undefined && isShown;
  if (plan.kind === "answer" && isUntitled) ports.requestTitle?.(conversation);
  // The title comes first: it is dropped if a message that it is made from changes.
  const isTitling = isUntitled && ports.requestTitle !== undefined;
  const isTime = isTitling ? false : plan.kind === "answer" || plan.changes.some(isTitle);
  if (isTime && stored !== undefined && undescribedIn(stored).length > 0)
    ports.requestDescriptions?.(conversation);
}

function isTitle({ kind }: Change): boolean {
  return kind === "titled";
}

/** A record changes nothing that people or prompts see. */
function isRecordAlone({ kind, said, changes }: RememberingPlan): boolean {
  return kind === "listen" && said.length === 0 && changes.every((change) => change.kind === "recorded");
}

/** Messages of apps alone cause no model call; they are summarized with the next message of a person. */
function isByAppsAlone({ kind, said, changes }: RememberingPlan): boolean {
  return kind === "listen" && said.every(({ author }) => author.isApp === true) && changes.every(isByApp);
}
