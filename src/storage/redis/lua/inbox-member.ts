import type { Inbound, InboxEntry } from "../../../domain/inbound.ts";
import { entryId } from "../../records/entry-id.ts";
import { readInbound } from "../../records/inbound-schema.ts";

/**
 * An inbox entry as a member of its sorted set: `<seq> <accepted at, ms> <Inbound as JSON>`. The JSON begins with the
 * entry's random name, a property that replicas of format 2 ignore. Their entries have no name.
 */
export function memberJson(name: string, inbound: Inbound): string {
  return JSON.stringify({ entry: name, ...inbound });
}

/** Undefined if it can't be read. */
export function readMember(member: string): InboxEntry | undefined {
  const [seq = "", acceptedAtMs = ""] = member.split(" ", 2);
  const json = member.slice(seq.length + acceptedAtMs.length + 2);
  const inbound = readInbound(json);
  const name = /^\{"entry":"([^"]+)"/u.exec(json)?.[1];
  return inbound && { id: entryId(seq, name), seq: Number(seq), acceptedAtMs: Number(acceptedAtMs), inbound };
}

/** In Lua. `named`: the entry id of a member, like `readMember`. `rename`: the JSON with another name. */
export const memberLua = `
local function named(member)
  local seq, name = string.match(member, '^(%d+) %d+ {"entry":"([^"]+)"')
  if seq then return seq .. "." .. name end
  return string.match(member, "^%d+")
end

local function rename(json, name)
  return '{"entry":"' .. name .. '",' .. string.sub(string.gsub(json, '^{"entry":"[^"]+",', "{"), 2)
end
`;
