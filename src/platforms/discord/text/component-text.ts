import { ButtonStyle, ComponentType, type APIMessageComponent } from "discord.js";

import type { Attachment } from "../../../domain/message.ts";
import { renderMarkup, type Names } from "./markdown-to-text.ts";
import { ownButtonPrefix } from "./own-buttons.ts";

/** Discord's limit per message, nested ones included. */
const maxComponents = 40;
const maxDepth = 5;
const maxOptions = 25;

/**
 * The texts of an app's components: one or more lines each, and the labels of buttons and menus.
 * https://discord.com/developers/docs/components/reference
 */
export function componentsText(components: readonly APIMessageComponent[], names: Names): readonly string[] {
  return components.slice(0, maxComponents).flatMap((component) => linesOf(component, names, maxDepth));
}

function linesOf(component: APIMessageComponent, names: Names, depth: number): readonly string[] {
  if (depth === 0) return [];
  const within = (parts: readonly APIMessageComponent[]): readonly string[] =>
    parts.slice(0, maxComponents).flatMap((part) => linesOf(part, names, depth - 1));
  switch (component.type) {
    case ComponentType.TextDisplay:
      return [renderMarkup(component.content, names)];
    case ComponentType.Section:
      return [...within(component.components), ...within([component.accessory])];
    case ComponentType.Container:
      return within(component.components);
    case ComponentType.ActionRow: {
      const row = within(component.components).join(" ");
      return row === "" ? [] : [row];
    }
    case ComponentType.MediaGallery:
      return component.items.slice(0, maxOptions).flatMap(({ description }) => pictureText(description));
    case ComponentType.Thumbnail:
      return pictureText(component.description);
    case ComponentType.Button:
      return buttonText(component);
    case ComponentType.StringSelect:
      return [menuText(component)];
    // Menus of people or channels list all of them; files are listed with the others.
    case ComponentType.UserSelect:
    case ComponentType.RoleSelect:
    case ComponentType.MentionableSelect:
    case ComponentType.ChannelSelect:
    case ComponentType.File:
    case ComponentType.Separator:
    // New kinds of components are left out until they are added here.
    default:
      return [];
  }
}

/** The files that components show. */
export function filesInComponents(components: readonly APIMessageComponent[]): readonly Attachment[] {
  return components.slice(0, maxComponents).flatMap((component) => {
    if (component.type === ComponentType.Container) return filesInComponents(component.components);
    if (component.type !== ComponentType.File) return [];
    const name = component.name ?? component.file.url.replace("attachment://", "");
    return [{ name, ...(component.size === undefined ? {} : { sizeBytes: component.size }) }];
  });
}

function pictureText(description: string | null | undefined): readonly string[] {
  return [
    description === null || description === undefined || description === ""
      ? "[picture]"
      : `[picture: ${description}]`,
  ];
}

function buttonText(button: Extract<APIMessageComponent, { type: ComponentType.Button }>): readonly string[] {
  if ("custom_id" in button && button.custom_id.startsWith(ownButtonPrefix)) return [];
  const label = button.style === ButtonStyle.Premium ? undefined : (button.label ?? button.emoji?.name);
  if (label === undefined || label === null || label === "") return [];
  return [`[button: ${label}${"url" in button ? ` (${button.url})` : ""}]`];
}

function menuText(menu: Extract<APIMessageComponent, { type: ComponentType.StringSelect }>): string {
  const options = menu.options.slice(0, maxOptions).map(({ label }) => label);
  return `[menu: ${[menu.placeholder ?? "", options.join(" / ")].filter((each) => each !== "").join(" ")}]`;
}
