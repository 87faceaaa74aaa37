/** A picture becomes an input: of the node it was let go on, or of a new node that loads it. */

import { editOf } from "../actions/edit";
import { uploadInput } from "../api/inputs";
import { labelOf, titleOf } from "../catalog/names";
import { kindOf } from "../catalog/settings";
import { setInput } from "../document/commands/inputs";
import { addNode, freshId } from "../document/commands/nodes";
import { type Point } from "../document/model";
import { translator } from "../i18n/t";
import { freePlace } from "../palette/add-node";
import { type Session } from "../session";

export interface PicturePlace {
  /** Where on the page; without, the middle of what is in view. */
  client?: Point;
  /** The node meant, if it loads a file; any other leaves it to a new node. */
  node?: string;
}

const LOAD = "LoadImage";

export async function loadPicture(session: Session, picture: Blob & { name?: string }, { client, node }: PicturePlace): Promise<void> {
  const { catalog, document, settings, ui } = session;
  try {
    const file = await uploadInput(picture);
    const edit = editOf(session);
    const input = node === undefined ? undefined : fileSetting(session, node);
    if (node !== undefined && input !== undefined) return edit("edit.set", { node, input: labelOf(input) }, setInput(node, input, file));
    const spec = catalog.getState().specs[LOAD];
    const id = freshId(LOAD, document.getState().file.nodes);
    const name = spec?.settings.find((setting) => kindOf(setting) === "input")?.name ?? "file";
    edit("edit.add", { type: titleOf(LOAD) }, addNode(id, { type: LOAD, version: spec?.version ?? 1, inputs: { [name]: file } }, freePlace(session, client)));
    ui.select([id]);
  } catch (error) {
    ui.toast({ kind: "error", text: translator(settings.getState().language)("widgets.uploadFailed", { reason: error instanceof Error ? error.message : String(error) }) });
  }
}

/** The setting of a node that names an input file, unless a wire gives it. */
export function fileSetting({ catalog, document }: Session, node: string): string | undefined {
  const type = document.getState().file.nodes[node]?.type;
  return type === undefined ? undefined : catalog.getState().specs[type]?.settings.find((setting) => kindOf(setting) === "input")?.name;
}

/** The first picture among what is dropped or pasted. */
export function pictureIn({ files }: DataTransfer): File | undefined {
  return [...files].find(({ type }) => type.startsWith("image/"));
}
