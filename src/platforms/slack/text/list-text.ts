import { blockTexts } from "./block-text.ts";
import { recordOf, recordsIn, textIn, type Loose } from "../wire/loose.ts";
import { below, type Reading } from "./reading.ts";

const mostFields = 50;

/** A list, or an item of one, by its title. */
export function listTexts(box: Loose, reading: Reading): readonly string[] {
  const list = recordOf(box["list"]);
  const name = reading.plain(textIn(list["title"]) || textIn(list["name"]));
  const record = recordOf(box["list_record"]);
  const items = [record, ...recordsIn(box["list_records"], mostFields)].map((item) => {
    const { fields = item["fields"] } = recordOf(item["record"]);
    const schema = [...recordsIn(item["schema"], mostFields), ...recordsIn(box["list_schema"], mostFields)];
    return itemTitle(recordsIn(fields, mostFields), schema, reading);
  });
  return [
    name === "" ? "" : `[list: ${name}]`,
    ...items.filter((title) => title !== "").map((title) => `[list item: ${title}]`),
  ];
}

function itemTitle(fields: readonly Loose[], schema: readonly Loose[], reading: Reading): string {
  const primary = schema.find((column) => column["is_primary_column"] === true);
  const isTitle = (field: Loose): boolean =>
    primary !== undefined && (field["column_id"] === primary["id"] || field["key"] === primary["key"]);
  const [title] = [...fields.filter(isTitle), ...fields].map(
    (field) => reading.plain(textIn(field["text"])) || below(blockTexts(field["rich_text"], reading)),
  );
  return title ?? "";
}
