import type { ModelRequest } from "./model-request.ts";
import type { ChatMessage, InputItem } from "./request-schema.ts";
import { answersError, type ErrorScript } from "./script.ts";
import { encryptedThought } from "./thoughts.ts";

// What the API checks beyond the shape of a body. The words are those that people quote from it in public issues.

/** @returns the answer to a request that has the right shape and can't be carried out all the same. */
export function faultOfRequest({ tools, body }: ModelRequest): ErrorScript | undefined {
  for (const { name, parameters, strict } of tools) {
    const fault = strict === true ? faultOfSchema(name, parameters) : undefined;
    if (fault !== undefined) return fault;
  }
  if ("messages" in body) return faultOfMessages(body.messages);
  return faultOfInput(body.input, body.include !== undefined && body.reasoning?.effort !== "none");
}

type Schema = Readonly<Record<string, unknown>>;

/** `strict` takes only schemas whose objects name everything, require all of it and allow nothing else. */
function faultOfSchema(name: string, schema: Schema): ErrorScript | undefined {
  const fault =
    schema["type"] === "object" ? faultIn(schema, []) : `schema must be a JSON Schema of 'type: "object"'`;
  if (fault === undefined) return undefined;
  return invalid(`Invalid schema for function '${name}': ${fault}`, "invalid_function_parameters");
}

function faultIn(schema: Schema, path: readonly string[]): string | undefined {
  const at = `In context=(${path.map((step) => `'${step}'`).join(", ")})`;
  if (schema["type"] === "array")
    return isSchema(schema["items"])
      ? faultIn(schema["items"], [...path, "items"])
      : `${at}, array schema missing items.`;
  if (schema["type"] !== "object") return undefined;
  if (schema["additionalProperties"] !== false) {
    return `${at}, 'additionalProperties' is required to be supplied and to be false.`;
  }
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  const names = Object.keys(properties);
  const missing = names.find((name) => !required.includes(name));
  if (missing !== undefined || required.length !== names.length) {
    return `${at}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing ?? ""}'.`;
  }
  for (const [name, property] of Object.entries(properties)) {
    const fault = isSchema(property)
      ? faultIn(property, [...path, "properties", name])
      : `${at}, bad property`;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Every output has a call before it and every call an output; thoughts come back as they were given, with what followed
 * them. `thinks`: calls come back with the thoughts before them.
 */
function faultOfInput(input: readonly InputItem[], thinks: boolean): ErrorScript | undefined {
  const called = new Set<string>();
  const answered = new Set<string>();
  for (const [index, item] of input.entries()) {
    const fault = faultOfThought(item, input[index + 1]) ?? (thinks ? faultOfCall(item, input) : undefined);
    if (fault !== undefined) return fault;
    if (item.type === "function_call") called.add(item.call_id);
    if (item.type !== "function_call_output") continue;
    if (!called.has(item.call_id) || answered.has(item.call_id)) {
      return invalid(`No tool call found for function call output with call_id ${item.call_id}.`);
    }
    answered.add(item.call_id);
  }
  const [open] = called.difference(answered);
  return open === undefined ? undefined : invalid(`No tool output found for function call ${open}.`);
}

function faultOfThought(item: InputItem, next: InputItem | undefined): ErrorScript | undefined {
  if (item.type !== "reasoning") return undefined;
  const { id, encrypted_content: content } = item;
  if (typeof content !== "string") {
    return answersError(404, null, {
      message: `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    });
  }
  if (content !== encryptedThought(id)) {
    return invalid("The encrypted content could not be verified.", "invalid_encrypted_content");
  }
  if (next !== undefined && "id" in next) return undefined;
  return invalid(`Item '${id}' of type 'reasoning' was provided without its required following item.`);
}

function faultOfCall(item: InputItem, input: readonly InputItem[]): ErrorScript | undefined {
  if (item.type !== "function_call") return undefined;
  const [, request] = /^fc_(\d+)_/u.exec(item.id ?? "") ?? [];
  const thought = `rs_${request}`;
  const before = input.slice(0, input.indexOf(item));
  if (request === undefined || before.some((each) => each.type === "reasoning" && each.id === thought)) {
    return undefined;
  }
  return invalid(
    `Item '${item.id}' of type 'function_call' was provided without its required 'reasoning' item: '${thought}'.`,
  );
}

/** Calls are followed by one message for each of them, and by nothing else before that. */
function faultOfMessages(messages: readonly ChatMessage[]): ErrorScript | undefined {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id)) {
        return invalid(
          `Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls' (messages.[${index}].role).`,
        );
      }
      continue;
    }
    if (open.size > 0) break;
    if ("tool_calls" in message) open = new Set(message.tool_calls.map(({ id }) => id));
  }
  if (open.size === 0) return undefined;
  return invalid(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(", ")}`,
  );
}

function invalid(message: string, code: string | null = null): ErrorScript {
  return answersError(400, code, { message });
}
