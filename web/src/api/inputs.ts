import { fetchRaw } from "./client";

/** Hands a picture to the server and gives back the name that workflows call it by. */
export async function uploadInput(file: Blob & { name?: string }): Promise<string> {
  const name = encodeURIComponent(file.name ?? "picture.png");
  const response = await fetchRaw(`/api/v1/inputs?name=${name}`, {
    method: "POST",
    headers: { "Content-Type": file.type || "application/octet-stream" },
    body: file,
  });
  const { name: kept } = (await response.json()) as { name: string };
  return kept;
}
