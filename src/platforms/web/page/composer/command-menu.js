import { parseCommand } from "./parse-command.js";
import { makeToolbar, setStop } from "./toolbar.js";

const text = document.querySelector("#text");
const menu = document.querySelector("#menu");
const usage = document.querySelector("#usage");
const buttons = document.querySelector("#commands");

/** Offers the commands as buttons, and as a menu while one is typed. */
export class CommandMenu {
  #commands = [];
  /** The commands in the menu; empty while it is closed. */
  #offered = [];
  #at = 0;
  #onCommand;

  /** `onCommand(name)` is called for a command that needs no argument. */
  constructor(onCommand) {
    this.#onCommand = onCommand;
    text.addEventListener("blur", () => this.#offer([]));
    makeToolbar(buttons);
    // Keeps the focus in the field.
    menu.addEventListener("mousedown", (event) => event.preventDefault());
  }

  setCommands(commands) {
    this.#commands = commands;
    buttons.replaceChildren(...commands.map((command) => this.#buttonFor(command)));
    setStop(buttons);
  }

  get names() {
    return this.#commands.map(({ name }) => name);
  }

  /** The command in a text, with its argument as typed. Undefined: none. */
  commandIn(words) {
    const { name = "", argument } = parseCommand(words) ?? {};
    const command = this.#find(name);
    return command && { name: command.name, argument };
  }

  /** Updates the menu and the usage line after input. */
  update() {
    const [, begun] = /^\/(\w*)$/u.exec(text.value) ?? [];
    const isTyped = begun !== undefined && document.activeElement === text;
    this.#at = 0;
    this.#offer(isTyped ? this.#commands.filter(({ name }) => name.startsWith(begun.toLowerCase())) : []);
    const command = this.#find(/^\/(\w+)\s/u.exec(text.value)?.[1] ?? "");
    usage.hidden = command === undefined;
    usage.textContent = command === undefined ? "" : usageOf(command);
  }

  /** Handles a key. Returns whether it was for the menu. */
  takes({ key, shiftKey }) {
    const count = this.#offered.length;
    if (count === 0) return false;
    const { name, text: free } = this.#offered[this.#at];
    const isWhole = text.value.slice(1).toLowerCase() === name;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.#at = (this.#at + (key === "ArrowDown" ? 1 : count - 1)) % count;
      this.#offer(this.#offered);
    } else if (key === "Escape") this.#offer([]);
    else if (key === "Tab" && !shiftKey) this.#complete(name);
    else if (key === "Enter" && !shiftKey && !(isWhole && free?.isRequired !== true)) this.#complete(name);
    else return false;
    return true;
  }

  #complete(name) {
    const rest = text.value.startsWith("/") ? "" : text.value;
    text.value = `/${name} ${rest}`;
    text.focus();
    text.dispatchEvent(new Event("input"));
  }

  #offer(commands) {
    this.#offered = commands;
    menu.hidden = commands.length === 0;
    menu.replaceChildren(...commands.map((command, index) => this.#optionFor(command, index === this.#at)));
    // A multi-line field is a combobox only while the list is open.
    for (const [name, value] of Object.entries(comboboxOf(commands[this.#at]))) {
      if (menu.hidden) text.removeAttribute(name);
      else text.setAttribute(name, value);
    }
    menu.children[this.#at]?.scrollIntoView({ block: "nearest" });
  }

  #optionFor(command, isChosen) {
    const node = document.createElement("li");
    node.id = `command-${command.name}`;
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", String(isChosen));
    const name = document.createElement("strong");
    name.textContent = patternOf(command);
    node.append(name, ` ${command.description}`);
    node.addEventListener("click", () => this.#complete(command.name));
    return node;
  }

  #buttonFor({ name, description, text: free }) {
    const node = document.createElement("button");
    node.type = "button";
    node.textContent = `/${name}`;
    node.title = description;
    node.addEventListener("click", () => {
      if (free?.isRequired === true) this.#complete(name);
      else this.#onCommand(name);
    });
    return node;
  }

  #find(name) {
    return this.#commands.find((command) => command.name === name.toLowerCase());
  }
}

function comboboxOf({ name } = {}) {
  return {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-expanded": "true",
    "aria-controls": "menu",
    "aria-activedescendant": `command-${name}`,
  };
}

/** How to type a command: "/recall <words> [share]". */
function patternOf({ name, text: free, options }) {
  const words = free === undefined ? [] : [free.isRequired ? `<${free.name}>` : `[${free.name}]`];
  return [`/${name}`, ...words, ...options.map(({ word }) => `[${word}]`)].join(" ");
}

function usageOf(command) {
  const { text: free, options } = command;
  const parts = free === undefined ? [] : [`${free.name}: ${free.description}`];
  parts.push(...options.map(({ word, description }) => `${word}: ${description}`));
  return [patternOf(command), ...parts].join(" · ");
}
