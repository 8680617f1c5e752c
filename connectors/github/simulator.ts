import type { Fields, RecordContext, Simulation } from "@belay/sdk";

/** GitHub's times have whole seconds. */
const time = (now: Date): string => now.toISOString().replace(/\.\d{3}/, "");
const author = { id: 583_231, login: "octocat", type: "User", site_admin: false };

/** Apart for each place, so that ids are unique in all of GitHub (FNV-1a). */
function globalId({ account, place, serial }: RecordContext): number {
  let hash = 0x811c9dc5;
  for (const character of [account, ...Object.values(place)].join("/"))
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (hash % 1_000_000) * 1_000_000 + serial;
}

function labelsOf({ labels }: Fields): readonly object[] {
  const names: readonly unknown[] = Array.isArray(labels) ? labels : [];
  return names.map((name) => (typeof name === "string" ? { id: name.length, name, color: "ededed", default: false } : { name: null }));
}

/** How GitHub behaves where its contract does not say. */
export const simulator = {
  resources: {
    issue: {
      id: (serial) => serial,
      defaults: (now, record) => ({
        id: globalId(record),
        body: null,
        state: "open",
        html_url: `https://github.com/${record.place["owner"]}/${record.place["repo"]}/issues/${record.serial}`,
        user: author,
        comments: 0,
        created_at: time(now),
        closed_at: null,
      }),
      computed: (now, _record, fields) => ({
        labels: labelsOf(fields),
        updated_at: time(now),
        ...(fields["state"] === "closed" && { closed_at: time(now) }),
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
  errorBody: ({ kind, status, description, paths }) => ({
    message: messages[kind] ?? description,
    ...(kind === "invalid" && { errors: paths.map((field) => ({ resource: "Issue", field, code: "invalid" })) }),
    documentation_url: "https://docs.github.com/rest",
    status: String(status),
  }),
} as const satisfies Simulation;

const messages: Readonly<Record<string, string | undefined>> = {
  malformed: "Problems parsing JSON",
  invalid: "Validation Failed",
  "server-error": "Server Error",
};
