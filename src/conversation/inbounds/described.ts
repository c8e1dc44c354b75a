import type { Described } from "../../domain/own-inbounds.ts";
import { applyDescription } from "../memory/apply-description.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** The model was asked to describe an image. */
export const described: InboundKind<Described> = {
  fields: { message: "text", file: "text", text: "text?" },
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: ({ message }) => [message],
  changeMemory: (changing, change, countTokens) => ({
    ...changing,
    memory: applyDescription(changing.memory, change, countTokens),
  }),
  mayRemove: () => false,
  // One that came too late shows what was removed.
  noLongerQuoted: ({ message, file, text }, { messages }) => {
    const isKept = messages.some(
      ({ id, attachments }) =>
        id === message &&
        attachments.some(({ ref, textChars }) => ref?.id === file && textChars !== undefined),
    );
    return text === undefined || isKept ? [] : [message];
  },
};
