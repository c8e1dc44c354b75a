/**
 * A setting that may differ from place to place. What its value may be is plain data: the environment is checked against it,
 * and so is every other source of settings.
 */
export type Setting = TextSetting | WordSetting | NumberSetting;

interface Named {
  /** How the operator writes it in the environment. */
  readonly name: string;
}

/** Any text, also an empty one. */
interface TextSetting extends Named {
  readonly kind: "text";
  readonly fallback: string;
}

/** One of some words. */
interface WordSetting<Word extends string = string> extends Named {
  readonly kind: "word";
  readonly words: readonly [Word, ...Word[]];
  readonly fallback: Word;
}

/** A whole number; both bounds are allowed. */
interface NumberSetting extends Named {
  readonly kind: "number";
  readonly least: number;
  readonly most: number;
  readonly fallback: number;
}

/** Settings by the property that holds their value; groups of them become objects. */
export interface SettingTable {
  readonly [property: string]: Setting | SettingTable;
}

type ValueOf<Entry> =
  Entry extends WordSetting<infer Word>
    ? Word
    : Entry extends NumberSetting
      ? number
      : Entry extends TextSetting
        ? string
        : ValuesOf<Entry>;

/** The values of a table, under the same properties. */
export type ValuesOf<Table> = { readonly [Property in keyof Table]: ValueOf<Table[Property]> };

export function text(name: string, fallback: string): TextSetting {
  return { kind: "text", name, fallback };
}

export function oneOf<const Word extends string>(
  name: string,
  words: readonly [Word, ...Word[]],
  fallback: NoInfer<Word>,
): WordSetting<Word> {
  return { kind: "word", name, words, fallback };
}

/** `range`: the least and the most that is allowed. */
export function wholeNumber(
  name: string,
  range: readonly [least: number, most: number],
  fallback: number,
): NumberSetting {
  const [least, most] = range;
  return { kind: "number", name, least, most, fallback };
}

/** All settings of a table, in its order, those of its groups included. */
export function settingsIn(table: SettingTable): readonly Setting[] {
  return Object.values(table).flatMap((entry) => (isSetting(entry) ? [entry] : settingsIn(entry)));
}

/** The values of a table. `valueOf` must give what its setting allows. */
export function valuesOf<Table extends SettingTable>(
  table: Table,
  valueOf: (setting: Setting) => string | number,
): ValuesOf<Table> {
  const values = Object.entries(table).map(([property, entry]) => [
    property,
    isSetting(entry) ? valueOf(entry) : valuesOf(entry, valueOf),
  ]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the properties of the table, with what it allows
  return Object.fromEntries(values) as ValuesOf<Table>;
}

/** The values that a table has where nothing is set. */
export function defaultsOf<Table extends SettingTable>(table: Table): ValuesOf<Table> {
  return valuesOf(table, ({ fallback }) => fallback);
}

function isSetting(entry: Setting | SettingTable): entry is Setting {
  return typeof entry["kind"] === "string";
}
