import type { Approval, ApprovalAnswer } from "../../domain/approval.ts";
import type { CallResult, TurnCall } from "../../domain/tool-round.ts";
import type { Toolkit } from "./run-call.ts";
import type { ToolArguments, WritingTool } from "./tool.ts";

const usualMs = 15 * 60_000;
const shortestMs = 10_000;
/** Half of the longest wait for an outage, which is counted from the question on. */
const longestMs = 12 * 3_600_000;

/** What the model is told of a call that did not start. */
const why: Readonly<Record<Exclude<ApprovalAnswer, "approved"> | "expired", string>> = {
  declined: "The person declined this, so it was not done. Do not try again unless they ask for it.",
  withdrawn:
    "Nobody approved this: people wrote on before the button was pressed, so it was not done. Say so in a few words.",
  expired: "Nobody approved this in time, so it was not done. Say so; the person can ask again.",
};
const noPerson = "This needs the approval of a person, and an app asked. It was not done. Say so.";

/** A call of a writing tool, and what is known of it. */
interface CallToApprove {
  readonly tool: WritingTool;
  readonly args: ToolArguments;
  readonly known: TurnCall;
  /** What the call does, for people. */
  readonly says: string;
}

/** What stands before a writing call: an open request, or the reason why it is not made. Undefined: it may start. */
export function pendingApproval(
  { context, person, requestId }: Toolkit,
  { tool, args, known, says }: CallToApprove,
): Approval | CallResult | undefined {
  if (known.write !== undefined) return undefined;
  const { approval } = known;
  const nowMs = context.ports.clock.nowMs();
  if (approval === undefined) {
    if (tool.needsApproval?.(args) !== true) return undefined;
    if (person === undefined) return refused(noPerson);
    const waitsMs = Math.min(longestMs, Math.max(shortestMs, tool.approvalMs ?? usualMs));
    return { id: requestId(), says, person, askedAtMs: nowMs, expiresAtMs: nowMs + waitsMs };
  }
  if (approval.answer === "approved") return undefined;
  if (approval.answer !== undefined) return refused(why[approval.answer]);
  // An outage of the platform can be longer than the request waits.
  const isOpen = approval.wasShown !== true || nowMs < approval.expiresAtMs;
  return isOpen ? approval : refused(why.expired);
}

function refused(text: string): CallResult {
  return { text, outcome: "refused", durationMs: 0 };
}
