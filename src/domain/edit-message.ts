import type { Attachment, Message } from "./message.ts";

/** What an edit replaces. `attachments` missing: the files stay. */
interface Edit {
  readonly text: string;
  readonly attachments?: readonly Attachment[];
}

/** A message after an edit. Files that stay the same keep what is known of them. */
export function editMessage<M extends Pick<Message, "text" | "attachments">>(
  message: M,
  { text, attachments = message.attachments }: Edit,
): M {
  return hasSameFiles(message.attachments, attachments)
    ? { ...message, text }
    : { ...message, text, attachments };
}

/** Whether two lists name the same files in the same order. */
export function hasSameFiles(before: readonly Attachment[], after: readonly Attachment[]): boolean {
  return (
    before.length === after.length && before.every((file, index) => namesOf(file) === namesOf(after[index]))
  );
}

function namesOf(file: Attachment | undefined): string {
  return JSON.stringify([file?.name, file?.ref?.id, file?.sizeBytes]);
}
