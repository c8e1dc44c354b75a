import type { Approval } from "../../domain/approval.ts";
import { asPlainMarkdown } from "./plain-markdown.ts";

/** Asks a person to approve a call, above the buttons. */
export function requestText({ says }: Pick<Approval, "says">): string {
  return `**May I ${asPlainMarkdown(says)}?**`;
}

/** Stands in place of a request that is over, until there is more of the answer. */
export function requestOver(approval: Pick<Approval, "says" | "answer"> | undefined): string {
  if (approval === undefined) return "_Request withdrawn._";
  const { says, answer } = approval;
  const end = says === "" ? "" : `: ${asPlainMarkdown(says)}`;
  return `_${answer === undefined ? "Not approved in time" : words[answer]}${end}._`;
}

const words: Readonly<Record<NonNullable<Approval["answer"]>, string>> = {
  approved: "Approved",
  declined: "Declined",
  withdrawn: "Request withdrawn",
};

/** A person pressed a button of a request that another person has to answer. */
export const notYourRequest = "Only the person who asked me can approve or decline this.";

/** A person pressed a button of a request that is answered, withdrawn or expired. */
export const requestIsOver = "This request is no longer open, so your press changed nothing.";
