import type { AnswerDraft, RequestDraft } from "@belay/sdk";

const paging = new Set(["skip", "limit", "order"]);

/** Conditions go into one parameter, as JSON: `where={"email":"ada@example.com"}`. A time is an object there. */
export function askByWhere(draft: RequestDraft): RequestDraft {
  const [path = "", query = ""] = draft.path.split("?");
  const asked = new URLSearchParams(query);
  const sent = new URLSearchParams();
  const where: Record<string, unknown> = {};
  for (const [name, value] of asked) {
    if (paging.has(name)) sent.set(name, value);
    else if (name === "updatedSince") where["updatedAt"] = { $gte: { __type: "Date", iso: value } };
    else where[name] = value;
  }
  if (Object.keys(where).length > 0) sent.set("where", JSON.stringify(where));
  return { ...draft, path: sent.size === 0 ? path : `${path}?${sent.toString()}` };
}

/** A create is answered by id and time alone: the rest is what was sent. */
export function createdRecord({ request, body }: AnswerDraft): unknown {
  const { createdAt } = Object(body) as { readonly createdAt?: unknown };
  return { updatedAt: createdAt, ...Object(request.body), ...Object(body) };
}
