import type { BulkKind, BulkOperation } from "../../../connector/bulk.ts";
import type { Resource } from "../../../connector/types.ts";

/** What one item writes. */
export interface ItemContent {
  /** Of the record that is updated, or the value by which an upsert finds it. */
  readonly id: unknown;
  readonly fields: unknown;
  /** Its idempotency key. */
  readonly key: string;
}

/** An item as the provider wants it. `token`: unique within its call. */
export function toItem(resource: Resource, many: BulkOperation, kind: BulkKind, content: ItemContent, token: string): object {
  const { item, safety } = many;
  const idMember = kind === "update" ? (item?.id ?? resource.id) : item?.id;
  return {
    ...item?.constants,
    ...(kind !== "create" && idMember !== undefined && { [idMember]: content.id }),
    ...fieldsIn(resource.fieldsIn, content.fields),
    ...(item?.token !== undefined && { [item.token]: token }),
    ...(safety.kind === "itemKey" && { [safety.member]: content.key }),
  };
}

/** `value` where it belongs by its dotted path, with nothing around it but what leads there. */
export function placeAt(path: string | undefined, value: unknown): unknown {
  if (path === undefined) return value;
  return path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

/** What the schema of an input gives is an object; whatever else it could be has no place in an item. */
function fieldsIn(member: string | undefined, fields: unknown): object {
  if (member !== undefined) return { [member]: fields };
  return typeof fields === "object" && fields !== null ? fields : {};
}
