import type { EntryId } from "../../domain/inbound.ts";

/** `<seq>.<name>`; only the seq for entries from before format 3, which have no name. */
export function entryId(seq: number | string, name: string | undefined): EntryId {
  return name === undefined ? `${seq}` : `${seq}.${name}`;
}

/** The reverse of `entryId`. */
export function parseEntryId(id: EntryId): { readonly seq: number; readonly name: string | undefined } {
  const [seq, name] = id.split(".", 2);
  return { seq: Number(seq), name };
}
