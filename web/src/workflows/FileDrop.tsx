import { useEffect, useState } from "react";
import { carriesPicture, readDrag } from "../gallery/drag";
import { usePictures } from "../gallery/usePictures";
import { useT } from "../i18n/t";
import styles from "./FileDrop.module.css";
import { useFiles } from "./useFiles";

/** Files and pictures that are dropped where nothing else takes them open as workflows; with Shift a picture becomes an input. */
export function FileDrop() {
  const t = useT();
  const files = useFiles();
  const pictures = usePictures();
  const [isOver, setOver] = useState(false);

  useEffect(() => {
    const takes = (data: DataTransfer | null): data is DataTransfer => data !== null && (data.types.includes("Files") || carriesPicture(data));
    const over = (event: DragEvent): void => {
      if (!takes(event.dataTransfer)) return;
      // Else the browser would leave the page for the file.
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (event.defaultPrevented || !takes(event.dataTransfer)) return;
      event.preventDefault();
      const picture = readDrag(event.dataTransfer);
      if (picture) void (event.shiftKey ? pictures.addNode(picture) : pictures.openWorkflow(picture));
      for (const file of event.dataTransfer.files) void files.openFile(file);
    };
    const end = (): void => setOver(false);
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
  }, [files, pictures]);

  return isOver ? <div className={styles.hint}>{t("files.drop")}</div> : null;
}
