import { invalidForm, ok, Refusal } from "./answer.ts";
import { channelPayload, memberPayload, userPayload } from "./payloads.ts";
import type { Handle, Route } from "./routes.ts";

const gatewayBot: Handle = ({ gateway }) =>
  ok({
    url: gateway.url,
    shards: gateway.shards,
    session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: 1 },
  });

const openDirect: Handle = ({ world }, { body }) => {
  const user = [...world.users.values()].find(({ id }) => id === body["recipient_id"]);
  if (user === undefined) throw new Refusal(404, 10_013, "Unknown User");
  return ok(channelPayload(world.directWith(user)));
};

const putCommands: Handle = ({ world }, { array }) => {
  world.commands = array.map((command) => {
    if (typeof command !== "object" || command === null) throw invalidForm("commands");
    checkCommand(command);
    // Discord gives back more than it was given.
    return {
      ...command,
      id: world.ids.next(),
      application_id: world.application,
      version: world.ids.next(),
      default_member_permissions: null,
      nsfw: false,
    };
  });
  return ok(world.commands);
};

function checkCommand(command: object): void {
  checkNames(command);
  if ("options" in command) checkOptions(command.options);
}

function checkNames(named: object): void {
  const name = "name" in named ? String(named.name) : "";
  const description = "description" in named ? String(named.description) : "";
  if (!/^[-_\p{Ll}\p{N}]{1,32}$/u.test(name)) throw invalidForm("name");
  if (description.length < 1 || description.length > 100) throw invalidForm("description");
}

/** https://discord.com/developers/docs/interactions/application-commands */
function checkOptions(options: unknown): void {
  if (!Array.isArray(options) || options.length > 25) throw invalidForm("options");
  const names = new Set<unknown>();
  let isOptional = false;
  for (const option of options.map(fieldsOf)) {
    checkNames(option);
    const { type, name, required, max_length: longest } = option;
    if (type !== 3 && type !== 5) throw invalidForm("options.type");
    if (names.has(name)) throw invalidForm("options.name: not unique");
    names.add(name);
    if (required === true && isOptional) throw invalidForm("options: required ones first");
    isOptional ||= required !== true;
    const isLength = type === 3 && Number(longest) >= 1 && Number(longest) <= 6_000;
    if (longest !== undefined && !isLength) throw invalidForm("options.max_length");
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const member: Handle = ({ world }, { ids }) => {
  if (!world.guilds.includes(ids["guild"] ?? "")) throw new Refusal(404, 10_004, "Unknown Guild");
  const found = [...world.users.values()].find(({ id }) => id === ids["user"]);
  if (found === undefined || found.hasLeft === true) throw new Refusal(404, 10_007, "Unknown Member");
  return ok({ ...memberPayload(found), user: userPayload(found) });
};

export const applicationRoutes: readonly Route[] = [
  { method: "GET", path: /^\/gateway\/bot$/u, handle: gatewayBot },
  { method: "POST", path: /^\/users\/@me\/channels$/u, handle: openDirect },
  {
    method: "GET",
    path: /^\/applications\/\d+\/commands$/u,
    handle: ({ world }) => ok(world.commands),
  },
  {
    method: "GET",
    path: /^\/guilds\/(?<guild>\d+)\/members\/(?<user>\d+)$/u,
    handle: member,
  },
  { method: "PUT", path: /^\/applications\/\d+\/commands$/u, handle: putCommands },
];
