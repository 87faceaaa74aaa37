import { loadPicture, pictureIn } from "../gallery/load-picture";
import { type Session } from "../session";
import { type Action } from "./action";
import { pasteText } from "./paste-text";

/** Puts copied nodes in; a picture is loaded by the chosen node, or by a new one. */
export const paste: Action = {
  title: "action.paste",
  section: "edit",
  keys: ["Mod+KeyV"],
  // The browser's own event hands over what is copied, and asks nobody's leave.
  native: true,
  run: async (session, { at }) => {
    const [item] = await navigator.clipboard.read();
    const type = item?.types.find((name) => name.startsWith("image/"));
    if (item && type) return loadPicture(session, await item.getType(type), { client: at, node: chosenNode(session) });
    return pasteText(session, await navigator.clipboard.readText(), at, false);
  },
};

/** Takes what the browser's own paste hands over. */
export function pasteData(session: Session, data: DataTransfer): void {
  const picture = pictureIn(data);
  if (picture) return void loadPicture(session, picture, { node: chosenNode(session) });
  pasteText(session, data.getData("text/plain"), undefined, false);
}

function chosenNode({ ui }: Session): string | undefined {
  const { selection } = ui.getState();
  return selection.length === 1 ? selection[0] : undefined;
}
