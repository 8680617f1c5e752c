import { KernelDatabase } from "../kernel/kernel-database.ts";

const tables = [
  "change",
  "feed_cursor",
  "feed_consumer",
  "feed",
  "record",
  "record_trouble",
  "sync",
  "sync_setting",
  "walk",
  "walk_page",
  "pending_delete",
  "deleted_record",
  "expected_record",
  "match_review",
  "merge_event",
  "two_way",
  "two_way_link",
  "two_way_conflict",
] as const;

/** The kernel's database, which forgets what syncs write as well. */
export async function openSyncDatabase(): Promise<KernelDatabase> {
  return await KernelDatabase.open({ tables, sequences: ["walk_id"] });
}
