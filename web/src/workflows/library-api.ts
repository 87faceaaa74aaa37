/** The library's routes whose bodies are kept byte for byte, and so are not parsed on the way. */

import { ApiProblem, fetchRaw } from "../api/client";

export interface Stored {
  text: string;
  etag: string;
}

export async function readStored(name: string): Promise<Stored> {
  const response = await fetchRaw(`/api/v1/workflows/${place(name)}`, { cache: "no-cache" });
  return { text: await response.text(), etag: unquoted(response.headers.get("ETag")) };
}

export async function readVersion(name: string, number: number): Promise<string> {
  return (await fetchRaw(`/api/v1/versions/${place(name)}/${number}`)).text();
}

/** What a save came to: the new version, or the one that somebody else has put there meanwhile. */
export type Saved = { kind: "saved"; etag: string } | { kind: "conflict"; theirs: Stored | undefined };

/** @param etag The version it replaces; without one the name must be free. */
export async function writeStored(name: string, text: string, etag: string | undefined): Promise<Saved> {
  const condition: Record<string, string> = etag ? { "If-Match": `"${etag}"` } : { "If-None-Match": "*" };
  try {
    const response = await fetchRaw(`/api/v1/workflows/${place(name)}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json", ...condition },
      body: text,
    });
    return { kind: "saved", etag: unquoted(response.headers.get("ETag")) };
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 412) throw error;
    return { kind: "conflict", theirs: await theirsOf(name) };
  }
}

export async function removeStored(name: string, etag: string): Promise<void> {
  await fetchRaw(`/api/v1/workflows/${place(name)}`, { method: "DELETE", headers: { "If-Match": `"${etag}"` } });
}

async function theirsOf(name: string): Promise<Stored | undefined> {
  try {
    return await readStored(name);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return undefined; // it was deleted
    throw error;
  }
}

function place(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

function unquoted(etag: string | null): string {
  return etag?.replaceAll('"', "") ?? "";
}
