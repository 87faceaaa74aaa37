/** What a picture carries when it is dragged out of the gallery, the history or the viewer.
 *
 * `application/x-latentgraph-picture` holds one `DraggedPicture` as JSON. On a node that loads a file the
 * picture becomes that file, anywhere else on the graph a new node loads it; with Shift held, the workflow
 * that made it opens.
 */

import { type Artifact } from "../run/store";

export const PICTURE_TYPE = "application/x-latentgraph-picture";

export interface DraggedPicture {
  /** The artifact's id, and the run that made it. */
  id: string;
  run: string;
  name: string;
  href: string;
}

export function startDrag(data: DataTransfer, picture: DraggedPicture): void {
  data.effectAllowed = "copy";
  data.setData(PICTURE_TYPE, JSON.stringify(picture));
  // For other programs: the address, which saves as the file.
  data.setData("text/uri-list", new URL(picture.href, location.href).href);
}

export function carriesPicture(data: DataTransfer): boolean {
  return data.types.includes(PICTURE_TYPE);
}

export function readDrag(data: DataTransfer): DraggedPicture | undefined {
  try {
    const said: unknown = JSON.parse(data.getData(PICTURE_TYPE));
    return isDragged(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

export function dragged(artifact: Artifact, run: string): DraggedPicture {
  return { ...artifact, run };
}

function isDragged(said: unknown): said is DraggedPicture {
  if (typeof said !== "object" || said === null) return false;
  const known = said as Partial<Record<keyof DraggedPicture, unknown>>;
  // Only results of this server: another page may drop whatever it likes.
  return [known.id, known.run, known.name].every((part) => typeof part === "string") && typeof known.href === "string" && known.href.startsWith("/api/v1/artifacts/");
}
