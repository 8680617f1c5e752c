import { valueAt } from "@belay/sdk";
import type { Failure, Fields, RecordChange, RecordContext, Simulation } from "@belay/sdk";

/** GitHub's times have whole seconds. */
const time = (now: Date): string => now.toISOString().replace(/\.\d{3}/, "");
const author = { id: 583_231, login: "octocat", type: "User", site_admin: false };
const version = "x-github-api-version";

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}

/** Apart for each place, so that ids are unique in all of GitHub. */
function globalId({ account, place, serial }: RecordContext): number {
  return (hash([account, ...Object.values(place)].join("/")) % 1_000_000) * 1_000_000 + serial;
}

const listAt = (fields: Fields | undefined, name: string): readonly unknown[] => {
  const list = fields?.[name];
  return Array.isArray(list) ? list : [];
};

function labelsOf(fields: Fields): readonly object[] {
  return listAt(fields, "labels").map((name) =>
    typeof name === "string" ? { id: hash(name), name, color: "ededed", default: false } : { name: null },
  );
}

function assigneesOf(fields: Fields): readonly object[] {
  return listAt(fields, "assignees").map((login) => ({ id: hash(String(login)), login, type: "User", site_admin: false }));
}

function closedAt(now: Date, { state }: Fields, before: Fields | undefined): unknown {
  if (state !== "closed") return null;
  return before?.["state"] === "closed" ? before["closed_at"] : time(now);
}

/** GitHub sends an event for each kind of change; of several at once, the most telling. */
function issueEvent({ operation, before, after }: RecordChange): Readonly<Record<string, unknown>> {
  if (operation !== "update" || before === undefined) return {};
  if (before["state"] !== after["state"]) return { action: after["state"] === "closed" ? "closed" : "reopened" };
  const edited = ["title", "body"].filter((name) => before[name] !== after[name]);
  if (edited.length > 0)
    return { action: "edited", changes: Object.fromEntries(edited.map((name) => [name, { from: before[name] ?? "" }])) };
  for (const [list, key, member, added, removed] of lists) {
    const without = (fields: Fields, others: Fields): unknown => {
      const names = listAt(others, list).map((one) => valueAt(one, key));
      return listAt(fields, list).find((one) => !names.includes(valueAt(one, key)));
    };
    const more = without(after, before);
    if (more !== undefined) return { action: added, [member]: more };
    const less = without(before, after);
    if (less !== undefined) return { action: removed, [member]: less };
  }
  return {};
}

const lists = [
  ["labels", "name", "label", "labeled", "unlabeled"],
  ["assignees", "login", "assignee", "assigned", "unassigned"],
] as const;

/** How GitHub behaves where its contract does not say. */
export const simulator = {
  resources: {
    issue: {
      id: (serial) => serial,
      defaults: (now, record) => ({
        id: globalId(record),
        body: null,
        state: "open",
        state_reason: null,
        html_url: `https://github.com/${record.place["owner"]}/${record.place["repo"]}/issues/${record.serial}`,
        user: author,
        comments: 0,
        created_at: time(now),
      }),
      computed: (now, _record, fields, before) => ({
        labels: labelsOf(fields),
        assignees: assigneesOf(fields),
        assignee: assigneesOf(fields)[0] ?? null,
        updated_at: time(now),
        closed_at: closedAt(now, fields, before),
        ...(fields["state"] === "closed" && { state_reason: fields["state_reason"] ?? "completed" }),
      }),
    },
    comment: {
      id: (serial) => 1_200_000_000 + serial,
      defaults: (now, { place, serial }) => ({
        html_url: `https://github.com/${place["owner"]}/${place["repo"]}/issues/${place["issue"]}#issuecomment-${1_200_000_000 + serial}`,
        user: author,
        created_at: time(now),
      }),
      computed: (now) => ({ updated_at: time(now) }),
    },
  },
  authorizations: ({ token }) => [`token ${token}`],
  refuses: ({ headers }) =>
    headers["user-agent"] === undefined ? { failure: "forbidden", description: userAgentNeeded, paths: ["user-agent"] } : undefined,
  headers: ({ sequence, headers }) => ({
    "x-github-request-id": `BE1A:${sequence.toString(16).toUpperCase().padStart(6, "0")}`,
    "x-github-api-version-selected": headers[version] ?? "2022-11-28",
    "x-ratelimit-resource": "core",
  }),
  etags: true,
  webhookHeaders: { "user-agent": "GitHub-Hookshot/044aadd" },
  events: { issues: issueEvent },
  errorBody: (failure) => ({
    message: messageOf(failure),
    ...(isFormatting(failure) && { errors: failure.paths.map((field) => ({ resource: nameOf(failure), field, code: "invalid" })) }),
    documentation_url: "https://docs.github.com/rest",
    status: String(failure.status),
  }),
} as const satisfies Simulation;

const userAgentNeeded = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header";

const nameOf = ({ resource }: Failure): string => (resource === "comment" ? "IssueComment" : "Issue");

/** What is missing or of another type is told by the message alone. */
function isFormatting({ kind, fields }: Failure): boolean {
  return kind === "invalid" && fields.every(({ is }) => is === "value");
}

function messageOf(failure: Failure): string {
  const { kind, fields, description } = failure;
  if (kind === "malformed") return fields.length > 0 ? "Body should be a JSON object" : "Problems parsing JSON";
  if (kind === "server-error") return "Server Error";
  if (kind !== "invalid") return description;
  if (isFormatting(failure)) return "Validation Failed";
  const [first] = fields.filter(({ is }) => is !== "value");
  return `Invalid request.\n\n${first?.is === "missing" ? `"${first.path}" wasn't supplied.` : `"${first?.path}" is not of the right kind.`}`;
}
