import { fetchRaw } from "../api/client";
import { readText } from "../document/text";
import { type Session } from "../session";

const STARTER = "text_to_image";

/** Opens a workflow of the server's library in a tab of its own, or goes to the tab it is in. */
export async function openStored({ tabs }: Session, name: string): Promise<void> {
  const open = tabs.getState().tabs.find((tab) => tab.name === name);
  if (open) return tabs.activate(open.id);
  const response = await fetchRaw(`/api/v1/workflows/${encodeURIComponent(name)}`);
  const { file, source } = readText(await response.text());
  tabs.open({ file, source, name, etag: response.headers.get("ETag") ?? undefined });
}

/** What somebody sees who comes for the first time: a graph that makes a picture at one press. */
export async function openStarter(session: Session): Promise<void> {
  const response = await fetchRaw(`/api/v1/workflows/${STARTER}`);
  const { file, source } = readText(await response.text());
  session.tabs.open({ file, source });
}
