import type { InboundKinds } from "../../../src/domain/inbound.ts";
import { command, delegated, deleted, edited, erased, said, stopped } from "./inbounds.ts";

const base = { conversation: "fake:room:1", platform: "fake", place: "room" } as const;
const quoted = said("other, one%", "what was quoted").message;
const asked = command("summary", "share");

/** One inbound of each kind, with all of its properties. */
export const everyInbound: { readonly [K in keyof InboundKinds]: InboundKinds[K] } = {
  said: { ...said("m1", "hello \uD800 there", { quoted, missed: { fromMs: 1, toMs: 2 } }), mayCall: true },
  edited: {
    ...edited("m1", "hello again"),
    replyTo: { platform: "fake", target: { room: "1" } },
    call: said("m1", "hello again"),
    isNewCall: true,
    isByApp: true,
  },
  deleted: deleted("m1"),
  commanded: { ...asked, message: "m2", rights: ["read", "write"] },
  stopped: stopped(),
  erased: erased(),
  delegated: delegated({ ...asked, message: "m2" }),
  unplaced: { ...base, kind: "unplaced", dedupeId: "u", message: "m1", change: deleted("m1") },
  announced: {
    ...base,
    kind: "announced",
    dedupeId: "a",
    message: "a1",
    text: "a summary",
    posts: ["p1"],
    sources: [{ conversation: "fake:room:2", message: "m9", permalink: "https://m9", revision: 3 }],
    atMs: 7,
  },
  reasked: {
    ...base,
    kind: "reasked",
    dedupeId: "r",
    message: "m1",
    author: { id: "ada", name: "Ada", timeZone: "Europe/Berlin" },
    reply: "r1",
    posts: ["p1"],
    answers: ["m1", "m2"],
    replyTo: { platform: "fake", target: {}, expiresAtMs: 9 },
  },
  retracted: {
    ...base,
    kind: "retracted",
    dedupeId: "x",
    message: "r1",
    posts: ["p1"],
    staysShown: true,
  },
  forgot: { ...base, kind: "forgot", dedupeId: "f", forgetting: "f1", author: "ada", beforeMs: 9 },
  expired: { ...base, kind: "expired", dedupeId: "e", beforeMs: 9 },
  lapsed: { ...base, kind: "lapsed", dedupeId: "l", beforeOrdinal: 4 },
  outdated: { ...base, kind: "outdated", dedupeId: "s" },
  folded: {
    ...base,
    kind: "folded",
    dedupeId: "o",
    base: 3,
    summary: {
      lines: [{ text: "a line", cites: [{ message: "m1", ordinal: 1, saidAtMs: 1 }], tokens: 2 }],
      upTo: 2,
      dropped: 0,
      madeAtMs: 1,
    },
  },
  titled: { ...base, kind: "titled", dedupeId: "t", from: ["m1"], revision: 2, title: "A title" },
};
