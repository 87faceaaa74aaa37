import { fetchRaw } from "../api/client";
import { readText } from "../document/text";
import { type Session } from "../session";

const STARTER = "text_to_image";

/** Opens a workflow of the server's library in a tab of its own, or goes to the tab it is in. */
export async function openStored({ desk }: Session, name: string): Promise<void> {
  await desk.files.open(name);
}

/** What somebody sees who comes for the first time: a graph that makes a picture at one press. */
export async function openStarter(session: Session): Promise<void> {
  const response = await fetchRaw(`/api/v1/workflows/${STARTER}`);
  const { file, source } = readText(await response.text());
  // Somebody may have begun something of their own meanwhile.
  if (Object.keys(session.document.getState().file.nodes).length === 0) session.tabs.open({ file, source });
}
