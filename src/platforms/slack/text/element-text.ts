import { asObject, objectsIn, asText, type JsonObject } from "../wire/json-object.ts";
import { ownActionPrefix } from "../wire/action-ids.ts";
import { joinLines, type TextReader } from "./text-reader.ts";
import { utcTime } from "./utc-time.ts";

// https://docs.slack.dev/reference/block-kit/block-elements

const maxElements = 25;
/** Slack's limit for check boxes and radio buttons. Of menus people see only the choice. */
const maxOptions = 10;
/** Read by their labels. */
const buttonTypes: ReadonlySet<string> = new Set(["button", "workflow_button"]);
/** Read with all their options, because people see all of them. */
const listTypes: ReadonlySet<string> = new Set(["checkboxes", "radio_buttons"]);
/** Read by the initial choice only. */
const inputTypes =
  /_select$|^(?:overflow|datepicker|datetimepicker|timepicker|feedback_buttons|icon_button)$|_input$/u;

export function isElement({ type }: JsonObject): boolean {
  const name = asText(type);
  return buttonTypes.has(name) || listTypes.has(name) || inputTypes.test(name);
}

/** The text of interactive elements: labels of buttons, options, and initial choices. */
export function elementTexts(elements: unknown, reader: TextReader): readonly string[] {
  const all = objectsIn(elements, maxElements).filter(
    (element) => !asText(element["action_id"]).startsWith(ownActionPrefix),
  );
  const labels = all
    .filter(({ type }) => buttonTypes.has(asText(type)))
    .map(({ text }) => words(text, reader))
    .filter((label) => label !== "");
  const buttons = labels.length === 0 ? "" : `[buttons: ${labels.join(" · ")}]`;
  const others = all.map((element) =>
    listTypes.has(asText(element["type"])) ? options(element, reader) : choice(element, reader),
  );
  return [buttons, ...others].filter((text) => text !== "");
}

function options(element: JsonObject, reader: TextReader): string {
  const on = new Set(selected(element).map(({ value }) => asText(value)));
  return joinLines(
    objectsIn(element["options"], maxOptions).map(({ text, description, value }) => {
      const more = words(description, reader);
      const mark = on.has(asText(value)) ? "[x]" : "[ ]";
      return `${mark} ${words(text, reader)}${more === "" ? "" : ` (${more})`}`;
    }),
  );
}

/** The initial value of a menu, a date picker or an input. */
function choice(element: JsonObject, reader: TextReader): string {
  const people = [element["initial_user"], ...namesIn(element["initial_users"])].map(asText);
  const channels = [element["initial_channel"], ...namesIn(element["initial_channels"])].map(asText);
  const parts = [
    ...selected(element).map(({ text }) => words(text, reader)),
    ...people.filter((id) => id !== "").map((id) => reader.person(id)),
    ...channels.filter((id) => id !== "").map((id) => reader.markup(`<#${id}|>`)),
    reader.plain(asText(element["initial_date"])),
    reader.plain(asText(element["initial_time"])),
    utcTime(element["initial_date_time"]),
    reader.plain(asText(element["initial_value"])),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `[chosen: ${parts.join(" · ")}]`;
}

function selected(element: JsonObject): readonly JsonObject[] {
  const one = asObject(element["initial_option"]);
  return [...objectsIn(element["initial_options"], maxOptions), one].filter(({ text }) => text !== undefined);
}

function namesIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, maxElements) : [];
}

function words(value: unknown, reader: TextReader): string {
  const { type, text } = asObject(value);
  return type === "mrkdwn" ? reader.markup(asText(text)) : reader.plain(asText(text));
}
