import { choice, duration, flag, named, number, object, shortOr, text } from "../definition/shape.ts";
import type { Shape } from "../definition/shape.ts";
import type { Lane, Limit, LimitHeaders } from "./limit.ts";

const header = text("Name the header.");
const cost = number("Give what a call takes of requests, above 0.", Number.MIN_VALUE);
const share = number("Give a share of requests, from 0 to 1.", 0, 1);

/** What one limit may say. */
export const limitShape: Shape = object<Limit>({
  "requests?": number("Give the number of requests that are allowed, at least 1.", 1),
  "per?": duration,
  "concurrent?": number("Give the number of requests that may run at once, at least 1.", 1),
  "scope?": choice("connection", "account", "tenant", "app"),
  "endpoint?": text(
    "Name an operation (search.list), a resource (search), or a method and a path (POST /search).",
    /^((GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*|[\w-]+(\.[\w-]+)?)$/,
  ),
  "cost?": cost,
  "costs?": named(cost, "what calls cost"),
  "counts?": choice("fixed", "sliding", "leaky"),
  "align?": text("Name the time zone by whose clock windows begin, such as UTC or America/Los_Angeles."),
  "reserve?": object<Partial<Record<Lane, number>>>({ "interactive?": share, "event?": share, "sync?": share, "backfill?": share }),
  "headers?": shortOr(
    choice("RateLimit", "X-RateLimit"),
    object<LimitHeaders>({
      "limit?": header,
      "remaining?": header,
      "used?": header,
      "reset?": object({ header, form: choice("epochSeconds", "deltaSeconds", "isoDate") }),
    }),
  ),
  "refusal?": choice(429, 403),
  "retryAfter?": flag,
});
