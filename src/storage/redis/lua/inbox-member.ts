import type { InboundFacts } from "../../../domain/inbound-facts.ts";
import type { Inbound, InboxEntry } from "../../../domain/inbound.ts";
import { entryId } from "../../records/entry-id.ts";
import type { ReadInbound } from "../../records/inbound-schema.ts";

/** Stands for a missing name, no flag and no messages. */
const nothing = "-";
const anyMessage = "*";

/**
 * An inbox entry as a member of its sorted set: `<seq> <accepted at, ms> <name> <r or -> <messages> <Inbound as JSON>`.
 * `name`: random; `-` for entries of format 2, which have none. `r`: it replaces a text. `messages`: the ids of those whose
 * texts it may contain, percent-encoded, separated by commas; `*` for any. Scripts read these, and never the JSON. This
 * gives what follows the time; a line of a dead letter is the same.
 */
export function memberText(
  name: string | undefined,
  record: string,
  facts: InboundFacts | undefined,
): string {
  const { mayQuote = "any", replacesText = false } = facts ?? {};
  const messages =
    mayQuote === "any" ? anyMessage : mayQuote.map((id) => encodeURIComponent(id.toWellFormed())).join(",");
  return [name ?? nothing, replacesText ? "r" : nothing, messages === "" ? nothing : messages, record].join(
    " ",
  );
}

/** Undefined if it can't be read. */
export function readMember(member: string, readInbound: ReadInbound): InboxEntry | undefined {
  const [seq = "", acceptedAtMs = ""] = member.split(" ", 2);
  const text = member.slice(seq.length + acceptedAtMs.length + 2);
  const inbound = readMemberText(text, readInbound);
  const name = text.slice(0, text.indexOf(" "));
  const id = entryId(seq, name === nothing ? undefined : name);
  return inbound && { id, seq: Number(seq), acceptedAtMs: Number(acceptedAtMs), inbound };
}

/** The inbound of what `memberText` gave. Undefined if it can't be read. */
export function readMemberText(text: string, readInbound: ReadInbound): Inbound | undefined {
  const head = text.split(" ", 3).join(" ");
  return readInbound(text.slice(head.length + 1));
}

/**
 * In Lua. `named`: the entry id of a member, like `readMember`. `rename`: a member's text with another name.
 * `replacesText`: of a member. `mayQuote`: whether a member's text may contain the text of one of the messages, which are
 * the keys of `gone`.
 */
export const memberLua = `
local function named(member)
  local seq, name = string.match(member, "^(%d+) %d+ (%S+) ")
  if name == "${nothing}" then return seq end
  return tostring(seq) .. "." .. tostring(name)
end

local function rename(text, name)
  return name .. string.match(text, "^%S+(.*)$")
end

local function replacesText(member)
  return string.find(member, "^%d+ %d+ %S+ r ") ~= nil
end

local function mayQuote(text, gone)
  local messages = string.match(text, "^%S+ %S+ (%S+) ")
  if not messages or messages == "${anyMessage}" then return true end
  for message in string.gmatch(messages, "[^,]+") do
    local id = string.gsub(message, "%%(%x%x)", function(byte) return string.char(tonumber(byte, 16)) end)
    if gone[id] then return true end
  end
  return false
end
`;
