import type { WalkPlan } from "./plan.ts";
import type { WalkState } from "./state.ts";

/** What is asked of the provider: the listing's own path with these parameters, or a URL that it named itself. */
export type PageRequest =
  | { readonly kind: "parameters"; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "url"; readonly url: string };

/** The request for the next page. The same state always gives the same request. */
export function requestOf(plan: WalkPlan, { position, from }: WalkState): PageRequest {
  if (position.at === "url") return { kind: "url", url: position.url };
  const size = position.at === "counted" ? (position.size ?? plan.size?.asked) : plan.size?.asked;
  return {
    kind: "parameters",
    parameters: {
      ...plan.parameters,
      ...(plan.size !== undefined && size !== undefined && { [plan.size.parameter]: String(size) }),
      ...(plan.hop !== undefined && from !== undefined && { [plan.hop]: String(from) }),
      ...whereIn(plan, position),
    },
  };
}

function whereIn({ paging }: WalkPlan, position: WalkState["position"]): Readonly<Record<string, string>> {
  switch (position.at) {
    case "start":
    case "url":
      return {};
    case "counted": {
      const where = position.number ?? position.start;
      if (paging.kind === "link") return paging.page === undefined ? {} : { [paging.page]: String(where) };
      return "parameter" in paging ? { [paging.parameter]: String(where) } : {};
    }
    case "token":
      return "parameter" in paging ? { [paging.parameter]: position.token } : {};
    case "after":
      return "parameter" in paging ? { [paging.parameter]: position.id } : {};
  }
}
