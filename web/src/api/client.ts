/** The server's interface, typed from `docs/openapi.json` (`npm run types`). */

import createClient, { type Client } from "openapi-fetch";
import { type components, type paths } from "./schema.gen";

export type Schemas = components["schemas"];
export type Api = Client<paths>;

/** What the server refused, as it said it (RFC 9457). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    readonly title: string,
    detail: string,
    readonly problems: Problem[] = [],
  ) {
    super(detail || title);
  }
}

export interface Edit {
  step: string;
  input: string;
  value: unknown;
  via: { type: string; reads: string; gives: string; inputs: Record<string, unknown> } | null;
}

export interface Fix {
  text: string;
  edits: Edit[];
}

export interface Problem {
  code: string;
  message: string;
  step: string;
  port: string;
  severity: string;
  /** Facts that led to it, and where each came from. */
  because?: string[];
  got?: string;
  expected?: string;
  fix: string;
  fixes: Fix[];
}

export function createApi(baseUrl = location.origin): Api {
  const api = createClient<paths>({ baseUrl });
  api.use({
    onResponse: async ({ response }) => {
      if (!response.ok && response.status !== 304) throw await problemOf(response);
      return undefined;
    },
  });
  return api;
}

/** For routes whose bodies are bytes: the same errors, without the types. */
export async function fetchRaw(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (!response.ok && response.status !== 304) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const said: unknown = await response.clone().json().catch(() => ({}));
  const document = (typeof said === "object" && said !== null ? said : {}) as Partial<
    Record<"type" | "title" | "detail", string> & { problems: Problem[] }
  >;
  return new ApiProblem(
    response.status,
    document.type ?? "",
    document.title ?? response.statusText,
    document.detail ?? "",
    document.problems,
  );
}
