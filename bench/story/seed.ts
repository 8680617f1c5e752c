import type { BenchPostgres } from "../support/database.ts";

/** What the seeded history looks like; the searches draw their targets from the same formulas. */
export interface Shape {
  /** Finished messages. */
  readonly rows: number;
  readonly days: number;
  readonly tenants: number;
  /** The first day, epoch milliseconds: midnight, UTC. */
  readonly firstDayMs: number;
}

const dayMs = 86_400_000;

export const perDay = ({ rows, days }: Shape): number => Math.ceil(rows / days);

/** Half of all messages are of the first tenant, as where one customer is larger than all others. */
export const tenantOf = ({ tenants }: Shape, id: number): string => `tenant-${id % 2 === 0 ? 0 : 1 + ((id >> 1) % (tenants - 1))}`;

/** What each message is found by. */
export const emailOf = (id: number): string => `person-${id % 2_000_003}@customers.example`;
export const orderOf = (id: number): string => `R-${id}`;

/** Every hundredth message fails at first, and ends up to two days after it came: so it lies among younger ones. */
const isLate = (shape: Shape, id: string): string => `(${id} % 100 = 1 and ${id} <= ${shape.rows - 2 * perDay(shape)})`;

/**
 * Fills history and the references of its messages, a day at a time, each table in the order in which a running installation would have written it; then dead letters and
 * waiting messages above them. Indexes are made afterwards, which takes half as long and ends alike.
 */
export async function seed(postgres: BenchPostgres, url: string, shape: Shape, say: (status: string) => void): Promise<void> {
  const indexes = await postgres.query<{ name: string; definition: string }>(
    url,
    `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'belay' and tablename in ('history', 'reference')`,
  );
  for (const { name } of indexes) await postgres.query(url, `drop index belay.${name}`);
  for (const monday of mondaysOf(shape)) {
    const [from, to] = [new Date(monday).toISOString(), new Date(monday + 7 * dayMs).toISOString()];
    const name = from.slice(0, 10).replaceAll("-", "");
    await postgres.query(
      url,
      `create table if not exists belay.reference_${name} partition of belay.reference for values from ('${from}') to ('${to}')`,
    );
  }
  for (let day = 0; day < shape.days; day += 1) {
    const from = new Date(shape.firstDayMs + day * dayMs).toISOString();
    const to = new Date(shape.firstDayMs + (day + 1) * dayMs).toISOString();
    const name = from.slice(0, 10).replaceAll("-", "");
    await postgres.query(
      url,
      `create table if not exists belay.history_${name} partition of belay.history for values from ('${from}') to ('${to}')`,
    );
    await postgres.query(url, fillHistory(shape, day, `history_${name}`));
    await postgres.query(url, fillReferences(shape, day));
    if (day % 5 === 4) say(`seeded ${day + 1} of ${shape.days} days`);
  }
  for (const { definition } of indexes) await postgres.query(url, definition.replace(" ON ONLY ", " ON "));
  say("made the indexes");
  for (const statement of fillAround(shape)) await postgres.query(url, statement);
}

/** The first days, UTC, of all weeks that have a part in it. */
export function mondaysOf({ firstDayMs, days }: Shape): number[] {
  // The first day of 1970 was a Thursday.
  const first = firstDayMs - ((firstDayMs / dayMs + 3) % 7) * dayMs;
  return Array.from({ length: Math.ceil(days / 7) + 1 }, (_, week) => first + week * 7 * dayMs);
}

/** So many dead letters, and as many waiting messages, have the ids after those of history. */
export const besides = 20_000;

export function fillAround(shape: Shape): string[] {
  const columns = "tenant, id, mailbox, order_key, flow, connection, event_key, event_type, schema_version, payload, trace, received_at";
  const values = `tenant, id, tenant || '-desk/event', tenant || '-shop/cus_' || id % 1000003, 'orders-to-desk', tenant || '-shop', 'evt_' || md5(id::text),
    'order.paid', 1, convert_to('{}', 'UTF8'), '00-' || lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || left(md5(id::text), 20) || '-' || right(md5(id::text), 16) || '-00', now()`;
  const ids = (first: number): string =>
    `(select id, ${tenant(shape, "id")} as tenant from generate_series(${first + 1}::bigint, ${first + besides}::bigint) id) seeded`;
  return [
    // A mark every five seconds, where messages came.
    `insert into belay.id_mark (at, id) select ${receivedAt(shape, "id")}, id from generate_series(1, ${shape.rows}::bigint, ${Math.max(1, Math.floor(perDay(shape) / 17_280))}) id`,
    `insert into belay.id_mark (at, id) values (now(), ${shape.rows})`,
    `insert into belay.dead_letter (${columns}, attempts, suspect, code, error) select ${values}, 9, true, 'HTTP_FORBIDDEN', 'No.' from ${ids(shape.rows)}`,
    `insert into belay.mailbox (tenant, id, connection, lane)
      select 'tenant-' || n, 'tenant-' || n || '-desk/event', 'tenant-' || n || '-desk', 'event' from generate_series(0, ${shape.tenants - 1}) n`,
    `insert into belay.message (${columns}) select ${values} from ${ids(shape.rows + besides)}`,
    `select setval('belay.message_id', ${shape.rows + 2 * besides})`,
  ];
}

const receivedAt = (shape: Shape, id: string): string =>
  `to_timestamp((${shape.firstDayMs}::bigint + ((${id} - 1) * ${dayMs}::bigint) / ${perDay(shape)}) / 1000.0)`;

const tenant = ({ tenants }: Shape, id: string): string =>
  `'tenant-' || case when ${id} % 2 = 0 then 0 else 1 + (${id} / 2) % ${tenants - 1} end`;

function fillHistory(shape: Shape, day: number, table: string): string {
  const count = perDay(shape);
  const first = Math.max(1, (day - 2) * count + 1);
  const last = Math.min(shape.rows, (day + 1) * count);
  return `
    insert into belay.${table} (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, schema_version, payload, trace, received_at,
      attempts, outcome, finished_at)
    select tenant, id, tenant || '-desk/event', tenant || '-shop/cus_' || id % 1000003, 'orders-to-desk', tenant || '-shop', 'evt_' || digest, 'order.paid', 1,
      convert_to('{"id":"evt_' || digest || '","order":{"number":"R-' || id || '"},"note":"' || repeat(digest, 4) || '"}', 'UTF8'),
      '00-' || lpad(to_hex((extract(epoch from received_at) * 1000)::bigint), 12, '0') || left(digest, 20) || '-' || right(digest, 16) || '-00',
      received_at, case when ${isLate(shape, "id")} then 4 else 1 end, 'delivered', finished_at
    from (
      select *, received_at + case when ${isLate(shape, "id")} then (id % 172800) * interval '1 second' else interval '200 milliseconds' end as finished_at
      from (select id, md5(id::text) as digest, ${tenant(shape, "id")} as tenant, ${receivedAt(shape, "id")} as received_at
        from generate_series(${first}::bigint, ${last}::bigint) id where id > ${day * count} or ${isLate(shape, "id")}) received
    ) ended
    where finished_at >= to_timestamp(${(shape.firstDayMs + day * dayMs) / 1000}) and finished_at < to_timestamp(${(shape.firstDayMs + (day + 1) * dayMs) / 1000})
    order by finished_at
  `;
}

/** An odd message is known by its order's number, an even one by somebody's e-mail address; one address occurs in about five. */
function fillReferences(shape: Shape, day: number): string {
  const count = perDay(shape);
  return `
    insert into belay.reference (fingerprint, tenant, message, stored_at)
    select substring(sha256(convert_to(tenant || E'\\n' || case when id % 2 = 1 then 'order' || E'\\n' || 'R-' || id
      else 'email' || E'\\n' || 'person-' || id % 2000003 || '@customers.example' end, 'UTF8')) for 16), tenant, id, ${receivedAt(shape, "id")}
    from (select id, ${tenant(shape, "id")} as tenant
      from generate_series(${day * count + 1}::bigint, ${Math.min(shape.rows, (day + 1) * count)}::bigint) id) message
  `;
}
