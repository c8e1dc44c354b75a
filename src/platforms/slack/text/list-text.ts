import { blockTexts } from "./block-text.ts";
import { asObject, objectsIn, asText, type JsonObject } from "../wire/json-object.ts";
import { joinLines, type TextReader } from "./text-reader.ts";

const maxFields = 50;

/** The titles of a Slack list and of its items. */
export function listTexts(box: JsonObject, reader: TextReader): readonly string[] {
  const list = asObject(box["list"]);
  const name = reader.plain(asText(list["title"]) || asText(list["name"]));
  const record = asObject(box["list_record"]);
  const items = [record, ...objectsIn(box["list_records"], maxFields)].map((item) => {
    const { fields = item["fields"] } = asObject(item["record"]);
    const schema = [...objectsIn(item["schema"], maxFields), ...objectsIn(box["list_schema"], maxFields)];
    return itemTitle(objectsIn(fields, maxFields), schema, reader);
  });
  return [
    name === "" ? "" : `[list: ${name}]`,
    ...items.filter((title) => title !== "").map((title) => `[list item: ${title}]`),
  ];
}

function itemTitle(fields: readonly JsonObject[], schema: readonly JsonObject[], reader: TextReader): string {
  const primary = schema.find((column) => column["is_primary_column"] === true);
  const isTitle = (field: JsonObject): boolean =>
    primary !== undefined && (field["column_id"] === primary["id"] || field["key"] === primary["key"]);
  const [title] = [...fields.filter(isTitle), ...fields].map(
    (field) => reader.plain(asText(field["text"])) || joinLines(blockTexts(field["rich_text"], reader)),
  );
  return title ?? "";
}
