import type { Reasked } from "../../domain/own-inbounds.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A question is answered again, in the posts of its old answer. It takes a turn of its own. */
export const reasked: InboundKind<Reasked> = {
  fields: {
    message: "text",
    author: "author",
    reply: "text",
    posts: "texts",
    answers: "texts",
    replyTo: "replyAddress",
    action: "text?",
  },
  origin: "own",
  opens: () => false,
  concernsArchived: false,
  expectsAnswer: true,
  mayQuote: ({ message }) => [message],
};
