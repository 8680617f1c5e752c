import parsePrometheus from "parse-prometheus-text-format";
import { expect, test } from "vitest";
import { writeFamilies } from "./exposition.ts";
import { toFamilies } from "./series-families.ts";
import { SeriesTable } from "./series-table.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

function countSome(): SeriesTable {
  const table = new SeriesTable(100, silent);
  for (const tenant of ["acme", "globex"]) {
    const series = table.at(0, "call", tenant, 'c"\\\n', "f", "desk.ticket.create");
    series.add("status.201", 2);
    series.add("error.HTTP_TIMEOUT");
    series.took(40, 2);
    series.took(400_000);
  }
  return table;
}

test("a parser of Prometheus' text format reads what was counted, with tenants added up", () => {
  const text = writeFamilies(toFamilies(countSome().all, false));
  const families = parsePrometheus(text);
  const labels = { connection: 'c"\\\n', flow: "f", endpoint: "desk.ticket.create" };
  expect(families.find(({ name }) => name === "belay_calls_total")).toMatchObject({
    type: "COUNTER",
    metrics: [
      { value: "4", labels: { ...labels, status: "201" } },
      { value: "2", labels: { ...labels, status: "HTTP_TIMEOUT" } },
    ],
  });
  const histogram = families.find(({ name }) => name === "belay_call_duration_seconds");
  expect(histogram).toMatchObject({
    type: "HISTOGRAM",
    metrics: [{ buckets: { "0.025": "0", "0.05": "4", "300": "4", "+Inf": "6" } }],
  });
  // This parser keeps nothing but the buckets of a histogram that has labels.
  const written = String.raw`connection="c\"\\\n",flow="f",endpoint="desk.ticket.create"`;
  expect(text).toContain(`belay_call_duration_seconds_sum{${written}} 800.16\n`);
  expect(text).toContain(`belay_call_duration_seconds_count{${written}} 6\n`);
  expect(families.map(({ name }) => name)).not.toContain("belay_events_total");
});

test("a tenant is named when it is asked for", () => {
  const [calls] = parsePrometheus(writeFamilies(toFamilies(countSome().all, true)));
  expect(calls!.metrics.map(({ labels }) => labels!["tenant"])).toEqual(["acme", "acme", "globex", "globex"]);
});
