import type { EntryId } from "../../domain/inbound.ts";

/** `<seq>.<name>`; the seq alone for what was stored before entries had names. */
export function entryId(seq: number | string, name: string | undefined): EntryId {
  return name === undefined ? `${seq}` : `${seq}.${name}`;
}

/** What an id was made from. */
export function parseEntryId(id: EntryId): { readonly seq: number; readonly name: string | undefined } {
  const [seq, name] = id.split(".", 2);
  return { seq: Number(seq), name };
}
