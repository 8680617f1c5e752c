import { BelayError } from "../errors/belay-error.ts";

/** What a call to the API gave. */
interface Result<Data> {
  readonly data?: Data | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** The answer, or the refusal as an error with its code. */
export function dataOf<Data>({ data, error, response }: Result<Data>): Data {
  if (data !== undefined) return data;
  const { code, detail } = problemOf(error);
  if (code === undefined) throw strange(response);
  throw new BelayError(code, detail, {
    retry: response.status === 429 || response.status >= 500 ? "backoff" : "never",
    details: { status: response.status },
  });
}

/** Something else may listen at the URL, and answer anything with 200. */
export function requireJson(response: Response): Response {
  if (/[/+]json\b/.test(response.headers.get("content-type") ?? "")) return response;
  throw strange(response);
}

function strange({ url, status }: Response): BelayError {
  return new BelayError(
    "API_ANSWER_INVALID",
    `${url} answered ${status} with nothing that Belay's API answers; look whether the URL is right.`,
  );
}

function problemOf(error: unknown): { readonly code: string | undefined; readonly detail: string } {
  const member = (name: string): unknown => (typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined);
  const [code, detail] = [member("code"), member("detail")];
  return { code: typeof code === "string" ? code : undefined, detail: typeof detail === "string" ? detail : "" };
}
