import { fileTextsIn, saidIn, withFileTexts } from "./file-texts.ts";
import type { Attachment, Message } from "./message.ts";

/** What an edit replaces. `attachments` missing: the files stay. */
interface Edit {
  /** Holds the texts of files only where `attachments` say so. */
  readonly text: string;
  readonly attachments?: readonly Attachment[];
}

/** A message after an edit. Files that stay the same keep what is known of them, and their texts. */
export function editMessage<M extends Pick<Message, "text" | "attachments">>(
  message: M,
  { text, attachments = message.attachments.map(withoutText) }: Edit,
): M {
  const edit = { text, attachments };
  const known = new Map(
    fileTextsIn(message).map((fileText, index) => {
      const file = message.attachments[index];
      return [namesOf(file), { file, fileText }] as const;
    }),
  );
  const texts = fileTextsIn(edit).map(
    (fileText, index) => fileText ?? known.get(namesOf(attachments[index]))?.fileText,
  );
  const files = attachments.map((file) => {
    const before = known.get(namesOf(file))?.file;
    return before === undefined || file.textChars !== undefined ? file : before;
  });
  return withFileTexts({ ...message, attachments: files }, saidIn(edit), texts);
}

/** Whether an edit changes nothing that people see. */
export function isUnchangedBy(message: Pick<Message, "text" | "attachments">, edit: Edit): boolean {
  const { text, attachments = [] } = edit;
  const isSameText = saidIn(message) === saidIn({ text, attachments });
  return isSameText && (edit.attachments === undefined || hasSameFiles(message.attachments, attachments));
}

/** Whether two lists name the same files in the same order. */
export function hasSameFiles(before: readonly Attachment[], after: readonly Attachment[]): boolean {
  return (
    before.length === after.length && before.every((file, index) => namesOf(file) === namesOf(after[index]))
  );
}

function withoutText(file: Attachment): Attachment {
  const { textChars: _, ...rest } = file;
  return rest;
}

function namesOf(file: Attachment | undefined): string {
  return JSON.stringify([file?.name, file?.ref?.id, file?.sizeBytes]);
}
