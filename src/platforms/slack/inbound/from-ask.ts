import type { CommandInbound } from "../../../domain/inbound.ts";
import type { Message } from "../../../domain/message.ts";
import type { AskOrigin } from "../wire/ask-view.ts";
import { asObject } from "../wire/json-object.ts";
import { keyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import { askedMessageBody, type AskedMessageBody, type ViewSubmissionBody } from "../wire/payload-schemas.ts";
import { permalinkOf } from "../wire/permalink.ts";
import { toAddress } from "../wire/reply-target.ts";
import { truncateTo } from "../wire/safe-text.ts";
import { textIn } from "../wire/form-view.ts";
import { toMessage } from "./from-message.ts";
import { interactionAt, teamOfBody } from "./interaction.ts";

const maxFiles = 5;
const fileNameChars = 80;
const nameChars = 100;

/** The shortcut that asks about a message. Undefined for every other body. */
export function askedMessageIn(body: unknown): AskedMessageBody | undefined {
  // Most bodies are events, and a schema that refuses costs more than one that accepts.
  return asObject(body)["type"] === "message_action" ? askedMessageBody.safeParse(body).data : undefined;
}

/** What the modal keeps of the message. Names that are not known yet are looked up when the question is sent. */
export function askOriginOf(body: AskedMessageBody, facts: SlackFacts): AskOrigin {
  const { channel, message } = body;
  const { ts, thread_ts: threadTs, user } = message;
  const team = teamOfBody(body, facts);
  const { author, text, attachments } = toMessage(
    team,
    { ...message, type: "message", channel: channel.id },
    facts,
  );
  return {
    team,
    channel: channel.id,
    thread: threadTs ?? ts,
    message: ts,
    ...(threadTs == null ? { alone: true } : {}),
    ...(user == null ? {} : { user }),
    author: {
      id: author.id,
      name: truncateTo(author.name, nameChars),
      ...(author.isApp === true ? { isApp: true } : {}),
    },
    text,
    files: attachments.slice(0, maxFiles).map(({ name }) => truncateTo(name, fileNameChars)),
    ...(body.response_url == null ? {} : { url: body.response_url }),
    at: facts.nowMs,
  };
}

/**
 * A sent question about a message. A modal is sent once, so its id tells deliveries of the same question. Undefined: it says
 * nothing.
 */
export function fromAsk(
  body: ViewSubmissionBody,
  origin: AskOrigin,
  facts: SlackFacts,
): CommandInbound | undefined {
  const { team, channel, thread: threadTs, message: messageTs, alone, url } = origin;
  const question = textIn(body);
  if (question === "") return undefined;
  const press = `ask:${body.view.id}`;
  const place = { team, channel, threadTs, messageTs, press, replacesOriginal: false };
  const presser = { user: body.user, response_url: url };
  // The response_url is as old as the shortcut.
  const asked = interactionAt({ ...place, isUnthreaded: alone === true }, presser, {
    ...facts,
    nowMs: origin.at,
  });
  const where = {
    conversation: keyOf(team, channel, threadTs),
    platform: "slack",
    place: placeOf(team, channel),
  };
  return {
    ...asked,
    kind: "commanded",
    name: "ask",
    argument: question,
    saidAtMs: facts.nowMs,
    about: {
      ...where,
      kind: "said",
      dedupeId: `slack:${team}:${channel}:${messageTs}`,
      addressing: "open",
      message: messageOf(origin, facts),
      replyTo: toAddress({ team, channel, threadTs, user: origin.user ?? "" }, facts),
    },
  };
}

function messageOf(
  { team, channel, thread, message: ts, user, author, text, files }: AskOrigin,
  facts: SlackFacts,
): Message {
  const name = user === undefined || author.isApp === true ? undefined : facts.nameOf(user);
  const { id, isApp } = author;
  return {
    id: ts,
    author: { id, name: name ?? author.name, ...(isApp === true ? { isApp } : {}) },
    text,
    saidAtMs: Math.round(Number(ts) * 1_000) || facts.nowMs,
    attachments: files.map((file) => ({ name: file })),
    ...(facts.isOurs(team) ? { permalink: permalinkOf({ channel, ts, threadTs: thread }, facts) } : {}),
  };
}
