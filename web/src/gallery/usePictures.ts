/** What can be done with a picture that a run has made. */

import { useMemo } from "react";
import { type WorkflowFile } from "../document/model";
import { readText } from "../document/text";
import { useT } from "../i18n/t";
import { asFixed } from "../run/seeds";
import { useSession } from "../session";
import { readReceipt } from "../workflows/read-file";
import { type DraggedPicture } from "./drag";
import { type PicturePlace, loadPicture } from "./load-picture";

export interface PictureActions {
  /** Opens the workflow that made it, seeds as they were. */
  openWorkflow(picture: Pick<DraggedPicture, "href" | "run">): Promise<void>;
  /** Opens what was handed in with a run. */
  openRun(run: string): Promise<void>;
  /** Hands the picture in: to the node it was let go on, or to a new one that loads it. */
  addNode(picture: Pick<DraggedPicture, "href" | "name">, place?: PicturePlace): Promise<void>;
}

export function usePictures(): PictureActions {
  const session = useSession();
  const t = useT();
  return useMemo(() => {
    const { api, tabs, ui } = session;
    const told = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        ui.toast({ kind: "error", text: t("files.failed", { reason: error instanceof Error ? error.message : String(error) }) });
        return undefined;
      }
    };
    const openRun = async (run: string): Promise<void> => {
      await told(async () => {
        const { data } = await api.GET("/api/v1/runs/{id}/workflow", { params: { path: { id: run } } });
        // As it was sent, so it has the shape; what came with it is read like any file.
        const { file } = readText(JSON.stringify(data?.workflow));
        tabs.open({ file: asFixed(file) });
      });
    };
    return {
      openRun,
      openWorkflow: async ({ href, run }) => {
        // The receipt has every seed and default of this very picture; other files have the run's workflow.
        const bytes = await told(async () => new Uint8Array(await (await fetch(href)).arrayBuffer()));
        const found = bytes && readReceipt(bytes);
        if (!found) return openRun(run);
        const { data } = await api.GET("/api/v1/runs/{id}/workflow", { params: { path: { id: run } } }).catch(() => ({ data: undefined }));
        tabs.open({ file: withLayoutOf(found.workflow.file, data?.workflow as Partial<WorkflowFile> | undefined) });
      },
      addNode: async ({ href, name }, place = {}) => {
        const picture = await told(async () => {
          const blob = await (await fetch(href)).blob();
          return new File([blob], name.slice(name.lastIndexOf("/") + 1), { type: blob.type });
        });
        if (picture) await loadPicture(session, picture, place);
      },
    };
  }, [session, t]);
}

/** A receipt has no layout; that of the run shows the graph as it was drawn. */
function withLayoutOf(file: WorkflowFile, sent: Partial<WorkflowFile> | undefined): WorkflowFile {
  const whole: WorkflowFile = { ...file, ...(sent?.layout && { layout: sent.layout }), ...(sent?.meta && { meta: sent.meta }) };
  return asFixed(whole);
}
