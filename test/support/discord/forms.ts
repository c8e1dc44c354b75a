import { z } from "zod";

import { invalidForm } from "./answer.ts";

/** https://discord.com/developers/docs/components/reference#text-input; in a label it has none of its own. */
const textInput = z.strictObject({
  type: z.literal(4),
  custom_id: z.string().min(1).max(100),
  style: z.int().min(1).max(2),
  min_length: z.int().min(0).max(4_000).optional(),
  max_length: z.int().min(1).max(4_000).default(4_000),
  required: z.boolean().default(true),
  placeholder: z.string().max(100).optional(),
});

/** https://discord.com/developers/docs/components/reference#label */
const label = z.strictObject({ type: z.literal(18), label: z.string().min(1).max(45), component: textInput });

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal */
const modal = z.strictObject({
  custom_id: z.string().min(1).max(100),
  title: z.string().min(1).max(45),
  components: z.array(label).min(1).max(5),
});

type Modal = z.output<typeof modal>;

/** Refuses what Discord refuses. */
export function readModal(data: unknown): Modal {
  const { success, data: read } = modal.safeParse(data);
  if (!success) throw invalidForm("modal");
  return read;
}

/**
 * What Discord sends when a person has filled in the one field of a modal: labels come without their text, see
 * https://github.com/discord/discord-api-docs/issues/7884. @throws where Discord's client would not let them send it.
 */
export function submissionOf({ custom_id: customId, components: [only] }: Modal, value: string): object {
  const { component } = only ?? {};
  if (component === undefined || value.length > component.max_length || (component.required && value === ""))
    throw new Error("This form can't be sent like that");
  const field = { type: 4, id: 2, custom_id: component.custom_id, value };
  return { custom_id: customId, components: [{ type: 18, id: 1, component: field }] };
}
