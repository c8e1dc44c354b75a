import { recordOf, recordsIn, textIn, type Loose } from "../wire/loose.ts";
import { below, type Reading } from "./reading.ts";
import { utcTime } from "./utc-time.ts";

// https://docs.slack.dev/reference/block-kit/block-elements

const mostElements = 25;
/** Slack takes 10 options of these, and 100 of menus, of which people see what is chosen. */
const mostOptions = 10;
/** What people press: only what stands on it is of interest. */
const pressed: ReadonlySet<string> = new Set(["button", "workflow_button"]);
/** All that can be chosen stands there. */
const listing: ReadonlySet<string> = new Set(["checkboxes", "radio_buttons"]);
const chosen =
  /_select$|^(?:overflow|datepicker|datetimepicker|timepicker|feedback_buttons|icon_button)$|_input$/u;

export function isElement({ type }: Loose): boolean {
  const name = textIn(type);
  return pressed.has(name) || listing.has(name) || chosen.test(name);
}

/** What people see of things to press and to choose from: labels, options, and what is chosen already. */
export function elementTexts(elements: unknown, reading: Reading): readonly string[] {
  const all = recordsIn(elements, mostElements);
  const labels = all
    .filter(({ type }) => pressed.has(textIn(type)))
    .map(({ text }) => words(text, reading))
    .filter((label) => label !== "");
  const buttons = labels.length === 0 ? "" : `[buttons: ${labels.join(" · ")}]`;
  const others = all.map((element) =>
    listing.has(textIn(element["type"])) ? options(element, reading) : choice(element, reading),
  );
  return [buttons, ...others].filter((text) => text !== "");
}

function options(element: Loose, reading: Reading): string {
  const on = new Set(selected(element).map(({ value }) => textIn(value)));
  return below(
    recordsIn(element["options"], mostOptions).map(({ text, description, value }) => {
      const more = words(description, reading);
      const mark = on.has(textIn(value)) ? "[x]" : "[ ]";
      return `${mark} ${words(text, reading)}${more === "" ? "" : ` (${more})`}`;
    }),
  );
}

/** Of a menu, a date or a field: what stands in it before anybody touches it. */
function choice(element: Loose, reading: Reading): string {
  const people = [element["initial_user"], ...namesIn(element["initial_users"])].map(textIn);
  const channels = [element["initial_channel"], ...namesIn(element["initial_channels"])].map(textIn);
  const parts = [
    ...selected(element).map(({ text }) => words(text, reading)),
    ...people.filter((id) => id !== "").map((id) => reading.person(id)),
    ...channels.filter((id) => id !== "").map((id) => reading.markup(`<#${id}|>`)),
    reading.plain(textIn(element["initial_date"])),
    reading.plain(textIn(element["initial_time"])),
    utcTime(element["initial_date_time"]),
    reading.plain(textIn(element["initial_value"])),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `[chosen: ${parts.join(" · ")}]`;
}

function selected(element: Loose): readonly Loose[] {
  const one = recordOf(element["initial_option"]);
  return [...recordsIn(element["initial_options"], mostOptions), one].filter(
    ({ text }) => text !== undefined,
  );
}

function namesIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, mostElements) : [];
}

function words(value: unknown, reading: Reading): string {
  const { type, text } = recordOf(value);
  return type === "mrkdwn" ? reading.markup(textIn(text)) : reading.plain(textIn(text));
}
