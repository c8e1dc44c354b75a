import { done, invalidForm, ok, Refusal } from "./answer.ts";
import { checkChoices } from "./commands.ts";
import { readModal } from "./forms.ts";
import { attachmentPayload } from "./payloads.ts";
import type { Handle, Route } from "./routes.ts";
import type { Interaction, World, Written } from "./world.ts";
import { readWritten, type Body } from "./written.ts";

/** Callbacks that each type of interaction takes: to a command, to a component, to typing in a field, to a modal that a component opened. */
const takenTypes: Readonly<Record<number, ReadonlySet<number>>> = {
  2: new Set([4, 5, 9]),
  3: new Set([4, 5, 6, 7, 9]),
  4: new Set([8]),
  5: new Set([4, 5, 6, 7]),
};

const callback: Handle = ({ world, interactionDeadlineMs }, { ids, body }) => {
  const interaction = world.interactions.get(ids["token"] ?? "");
  if (interaction === undefined || interaction.id !== ids["interaction"]) throw unknownInteraction();
  if (interaction.callbacks.length > 0) {
    throw new Refusal(400, 40_060, "Interaction has already been acknowledged.");
  }
  if (interaction.isExpired || Date.now() - interaction.madeAtMs > interactionDeadlineMs) {
    throw unknownInteraction();
  }
  const type = Number(body["type"]);
  const data = recordOf(body["data"]);
  if (takenTypes[interaction.type]?.has(type) !== true) throw invalidForm("type");
  if (type === 9) readModal(data);
  if (type === 8) checkChoices(data);
  // A new message is the response from now on, and no longer the one that was pressed.
  if (type === 4 || type === 5) interaction.original = [];
  if (type === 4 || type === 7) interaction.original.push(readWritten(data, interaction.original.at(-1)));
  interaction.callbacks.push({ type, data });
  return done;
};

function unknownInteraction(): Refusal {
  return new Refusal(404, 10_062, "Unknown interaction");
}

function interactionOf(world: World, ids: Readonly<Record<string, string>>): Interaction {
  const interaction = world.interactions.get(ids["token"] ?? "");
  if (ids["application"] !== world.application || interaction === undefined || interaction.isExpired) {
    throw new Refusal(401, 50_027, "Invalid Webhook Token");
  }
  // Without a first answer there is no webhook yet.
  if (interaction.callbacks.length === 0) throw new Refusal(404, 10_015, "Unknown Webhook");
  return interaction;
}

const editOriginal: Handle = ({ world }, { ids, body, files }) => {
  const interaction = interactionOf(world, ids);
  const written = readWritten(body, interaction.original.at(-1), files);
  interaction.original.push(written);
  return ok(webhookMessage(world, interaction, written));
};

const getOriginal: Handle = ({ world }, { ids }) => {
  const interaction = interactionOf(world, ids);
  const written = interaction.original.at(-1);
  if (written === undefined) throw new Refusal(404, 10_008, "Unknown Message");
  return ok(webhookMessage(world, interaction, written));
};

const deleteOriginal: Handle = ({ world }, { ids }) => {
  const interaction = interactionOf(world, ids);
  if (interaction.original.length === 0) throw new Refusal(404, 10_008, "Unknown Message");
  interaction.original = [];
  return done;
};

/** https://docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message */
const maxFollowUpsAway = 5;

const followUp: Handle = ({ world }, { ids, body, files }) => {
  const interaction = interactionOf(world, ids);
  const written = readWritten(body, undefined, files);
  if (interaction.isAway && interaction.followUps.length >= maxFollowUpsAway)
    throw new Refusal(400, 40_094, "Maximum number of follow-ups reached");
  interaction.followUps.push(written);
  return ok(webhookMessage(world, interaction, written));
};

function webhookMessage(
  world: World,
  { channel }: Interaction,
  { content, flags, components = [], files = [] }: Written,
): object {
  const attachments = files.map(attachmentPayload);
  return { id: world.ids.next(), channel_id: channel, content, flags, components, attachments, type: 20 };
}

function recordOf(value: unknown): Body {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const webhookPath = "^/webhooks/(?<application>\\d+)/(?<token>[^/]+)";

export const interactionRoutes: readonly Route[] = [
  {
    method: "POST",
    path: /^\/interactions\/(?<interaction>\d+)\/(?<token>[^/]+)\/callback$/u,
    isOpen: true,
    handle: callback,
  },
  {
    method: "PATCH",
    path: new RegExp(`${webhookPath}/messages/@original$`, "u"),
    isOpen: true,
    handle: editOriginal,
  },
  {
    method: "GET",
    path: new RegExp(`${webhookPath}/messages/@original$`, "u"),
    isOpen: true,
    handle: getOriginal,
  },
  {
    method: "DELETE",
    path: new RegExp(`${webhookPath}/messages/@original$`, "u"),
    isOpen: true,
    handle: deleteOriginal,
  },
  { method: "POST", path: new RegExp(`${webhookPath}$`, "u"), isOpen: true, handle: followUp },
];
