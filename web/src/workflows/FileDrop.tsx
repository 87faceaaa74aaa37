import { useEffect, useState } from "react";
import { carriesPicture, readDrag } from "../gallery/drag";
import { type PicturePlace, fileSetting, loadPicture } from "../gallery/load-picture";
import { usePictures } from "../gallery/usePictures";
import { useT } from "../i18n/t";
import { type Session, useSession } from "../session";
import styles from "./FileDrop.module.css";
import { useFiles } from "./useFiles";

type Hint = "files.drop" | "files.dropPicture";

/** Takes what is dropped on the page: workflows open, pictures become inputs of the node below or of a new one. */
export function FileDrop() {
  const t = useT();
  const session = useSession();
  const files = useFiles();
  const pictures = usePictures();
  const [hint, setHint] = useState<Hint>();

  useEffect(() => {
    const takes = (data: DataTransfer | null): data is DataTransfer => data !== null && (data.types.includes("Files") || carriesPicture(data));
    const over = (event: DragEvent): void => {
      if (!takes(event.dataTransfer)) return;
      // Else the browser would leave the page for the file.
      event.preventDefault();
      setHint(carriesPicture(event.dataTransfer) ? "files.dropPicture" : "files.drop");
      mark(nodeUnder(session, event));
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) end();
    };
    const drop = (event: DragEvent): void => {
      end();
      if (event.defaultPrevented || !takes(event.dataTransfer)) return;
      event.preventDefault();
      const place: PicturePlace = { node: nodeUnder(session, event), client: isOnGraph(event) ? [event.clientX, event.clientY] : undefined };
      const picture = readDrag(event.dataTransfer);
      if (picture) return void (event.shiftKey ? pictures.openWorkflow(picture) : pictures.addNode(picture, place));
      const [first] = event.dataTransfer.files;
      if (place.node !== undefined && first?.type.startsWith("image/")) return void loadPicture(session, first, place);
      for (const file of event.dataTransfer.files) void files.openFile(file, place);
    };
    const end = (): void => {
      setHint(undefined);
      mark(undefined);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    window.addEventListener("dragend", end);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
      window.removeEventListener("dragend", end);
    };
  }, [session, files, pictures]);

  return hint ? <div className={styles.hint}>{t(hint)}</div> : null;
}

function isOnGraph({ target }: DragEvent): boolean {
  return target instanceof Element && target.closest("[data-canvas]") !== null;
}

/** The node that would take a picture here. */
function nodeUnder(session: Session, { target }: DragEvent): string | undefined {
  const node = target instanceof Element ? target.closest<HTMLElement>("[data-node]")?.dataset["node"] : undefined;
  return node !== undefined && fileSetting(session, node) !== undefined ? node : undefined;
}

/** By an attribute and a rule: a drag draws no node again. */
function mark(node: string | undefined): void {
  for (const marked of document.querySelectorAll<HTMLElement>("[data-drop]")) if (marked.dataset["node"] !== node) delete marked.dataset["drop"];
  if (node === undefined) return;
  const found = document.querySelector<HTMLElement>(`[data-node="${CSS.escape(node)}"]`);
  if (found) found.dataset["drop"] = "";
}
