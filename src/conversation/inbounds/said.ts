import type { Said } from "../../domain/inbound.ts";
import { quotedId } from "../../domain/quoted.ts";
import { titleFrom } from "../../domain/title.ts";
import { isCall } from "../addressing/addressing.ts";
import { limitMessage } from "../text/limit-message.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A message was written. A call of the bot may begin a conversation; where more may, `accept` tells the store. */
export const said: InboundKind<Said> = {
  fields: {
    message: "message",
    addressing: "addressing",
    replyTo: "replyAddress",
    missed: "downtime?",
    mayCall: "flag?",
  },
  origin: "outside",
  opens: isCall,
  concernsArchived: true,
  expectsAnswer: true,
  mayQuote: ({ message: { id, quoted } }) => (quoted === undefined ? [id] : [id, quotedId(quoted.id)]),
  carriedBy: ({ message }) => message.id,
  author: ({ message }) => message.author,
  replyTo: ({ replyTo }) => replyTo,
  text: ({ message }) => message.text,
  truncate: (inbound) => ({ ...inbound, message: limitMessage(inbound.message) }),
  title: ({ message }) => titleFrom(message.text),
  quoted: ({ message: { quoted } }) => quoted && quotedId(quoted.id),
};
